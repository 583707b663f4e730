// A server of a spec's own, which it may kill.
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const path = require('node:path');
const { expect } = require('@playwright/test');

const HOME = path.join(__dirname, '..');
const python = process.env.NB2PROD_PYTHON ?? 'python';

class Server {
  /** `name`: of its folder; `step`: its port above the stories' one. */
  constructor(name, step) {
    this.port = Number(process.env.NB2PROD_PORT ?? 8917) + step;
    this.folder = path.join(HOME, 'test-results', name);
    this.url = `http://127.0.0.1:${this.port}`;
    this.isNew = true;
  }

  async start() {
    if (this.isNew) {
      [this.folder, `${this.folder}-home`].forEach(one => rmSync(one, { recursive: true, force: true }));
      this.isNew = false;
    }
    this.process = spawn(python, [path.join(HOME, 'serve.py'), this.folder, String(this.port)], { stdio: 'ignore' });
    await expect(async () => {
      expect((await fetch(`${this.url}/api?token=story`)).ok).toBe(true);
    }).toPass({ timeout: 60_000 });
  }

  /** As a machine that fails does it: without a word. */
  async kill() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise(resolve => this.process.once('exit', resolve));
      this.process.kill('SIGKILL');
      await gone;
    }
  }
}

module.exports = { Server };
