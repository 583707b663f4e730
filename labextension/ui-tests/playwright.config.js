// One worker, one browser: the stories run on one server and take turns.
const path = require('node:path');

const port = Number(process.env.NB2PROD_PORT ?? 8917);
const folder = process.env.NB2PROD_STORY ?? path.join(__dirname, 'test-results', 'project');
const python = process.env.NB2PROD_PYTHON ?? 'python';

module.exports = {
  testDir: 'tests',
  outputDir: 'test-results/output',
  workers: 1,
  timeout: 420_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    video: 'off',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.NB2PROD_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox']
    }
  },
  webServer: {
    command: `"${python}" serve.py "${folder}" ${port}`,
    url: `http://127.0.0.1:${port}/api?token=story`,
    timeout: 90_000,
    stdout: 'ignore',
    stderr: process.env.NB2PROD_LOUD ? 'pipe' : 'ignore',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5000 }
  }
};
