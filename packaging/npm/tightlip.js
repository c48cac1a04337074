#!/usr/bin/env node
// Runs the program for this machine, and ends as it ends.
"use strict";

const { spawnSync } = require("node:child_process");
const { join } = require("node:path");

const program = join(__dirname, "..", "lib", `${process.platform}-${process.arch}`, "tightlip");
const ended = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });

if (ended.error) {
  const why = ended.error.code === "ENOENT" ? "this package has no program for it" : ended.error.message;
  console.error(`tightlip: nothing was checked on ${process.platform}-${process.arch}: ${why}`);
  process.exitCode = 2;
} else if (ended.signal) {
  process.kill(process.pid, ended.signal);
} else {
  process.exitCode = ended.status;
}
