"""NestJS with Drizzle over a database in a file."""

from __future__ import annotations

from tests.e2e.shapes.shape import Shape

NEST_CORE = "11.1.9"
NEST = Shape(
    name="nest-drizzle",
    title="NestJS with Drizzle",
    package={
        "scripts": {"build": "tsc", "start": "node --env-file=.env dist/main"},
        "dependencies": {
            "@libsql/client": "0.15.15",
            "@nestjs/common": NEST_CORE,
            "@nestjs/core": NEST_CORE,
            "@nestjs/platform-express": NEST_CORE,
            "drizzle-orm": "0.44.7",
            "reflect-metadata": "0.2.2",
            "rxjs": "7.8.2",
        },
        "devDependencies": {"@types/node": "22.19.1", "typescript": "5.9.3"},
    },
    files={
        "tsconfig.json": """\
{
  "compilerOptions": {
    "target": "es2022", "module": "nodenext", "strict": true, "skipLibCheck": true,
    "experimentalDecorators": true, "emitDecoratorMetadata": true,
    "rootDir": "src", "outDir": "dist"
  },
  "include": ["src"]
}
""",
        "src/visits.ts": """\
import { mkdirSync } from "node:fs";
import { drizzle } from "drizzle-orm/libsql";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
mkdirSync("data", { recursive: true });
const visits = sqliteTable("visits", { id: integer().primaryKey() });
const database = drizzle("file:data/app.db");
export async function visit(): Promise<number> {
  await database.run("create table if not exists visits (id integer primary key)");
  await database.insert(visits).values({});
  return database.$count(visits);
}
""",
        "src/main.ts": """\
import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { PageController } from "./page.controller.js";
@Module({ controllers: [PageController] })
class AppModule {}
NestFactory.create(AppModule).then((app) => app.listen(Number(process.env.PORT)));
""",
    },
    page=(
        "src/page.controller.ts",
        """\
import { Controller, Get } from "@nestjs/common";
import { visit } from "./visits.js";
@Controller()
export class PageController {
  @Get()
  async page(): Promise<string> {
    return `version %VERSION%, visit ${await visit()}`;
  }
}
""",
    ),
    broken="export class PageController { page(): string { return 1; } }\n",
    says="TS2322",
    ignored="dist\ndata\n",
    settings={"shared_paths": ["data"]},
    data="data/app.db",
)
