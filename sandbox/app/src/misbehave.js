// Makes a release fail at start in the way that its behaviour.json asks for.
import behaviour from "../behaviour.json";

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export async function misbehaveAtStart() {
  if (behaviour.start === "die") throw new Error("told to die at start");
  if (behaviour.start === "slow") await wait(behaviour.seconds);
  if (behaviour.start === "die-after") {
    setTimeout(() => {
      throw new Error(`told to die after ${behaviour.seconds} s`);
    }, behaviour.seconds * 1000);
  }
}
