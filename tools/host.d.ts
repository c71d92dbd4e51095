// What tsc must know of host programs beside their own text: what they are sent, and what an error carries.

/** What a program is sent by remote/programs.py:app_params, and what its caller adds. */
interface Params {
  project_dir: string;
  /** The folder of the app in the project, where it is built and started; empty for the project itself. */
  root?: string;
  app: string;
  pm2: string;
  health_url: string;
  health: HealthPolicy;
  branch: string;
  backup_dir: string;
  build_outputs: string[];
  env_file: string;
  env_example: string;
  offsite_env: string;
  critical_urls: string[];
  /** The job that runs the program; empty in one that only answers. */
  job?: string;
  /** Whether the run holds the lock, and so may move what is in the way. */
  holds_lock?: boolean;
  [name: string]: any;
}

interface HealthPolicy {
  body: string;
  wait: number;
  retries: number;
  delay: number;
  timeout?: number;
  [name: string]: any;
}

/** A process of the app, as pm2/scripts/pm2.js lists it. */
interface AppWorker {
  pid: number;
  status: string;
  mode: string;
  restarts: number;
  cwd: string;
  [name: string]: any;
}

/** An app of the version beside the one that is asked for its health (app/scripts/other_apps.js). */
interface OtherApp {
  name: string;
  rests: boolean;
  workers: AppWorker[];
}

/** What a health check found (health/scripts/health.js). */
interface HealthFacts {
  healthy: boolean;
  reason: string;
  answer?: any;
  settling?: number;
  often?: boolean;
  /** The other app that is the reason. */
  app?: string;
  workers?: AppWorker[];
  others?: OtherApp[];
}

/** Why a part of an answer is missing (remote/scripts/errors.js). */
interface Refusal {
  code: string;
  facts: Record<string, any>;
  refused: boolean;
}

interface Error {
  code?: string;
  errno?: number;
  syscall?: string;
  path?: string;
  refused?: boolean;
  [name: string]: any;
}

interface Buffer {
  latin1Write(text: string, offset?: number, length?: number): number;
}
