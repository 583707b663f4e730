// What the panel says when there are two windows, and when the server goes away in the middle of a job. A server of its own.
const { spawn } = require('node:child_process');
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { open, panel, run } = require('./lab');

test.describe.configure({ mode: 'serial' });

const port = Number(process.env.NB2PROD_PORT ?? 8917) + 1;
const folder = path.join(__dirname, '..', 'test-results', 'restart');
const python = process.env.NB2PROD_PYTHON ?? 'python';
test.use({ baseURL: `http://127.0.0.1:${port}` });

let server;

async function start() {
  server = spawn(python, [path.join(__dirname, '..', 'serve.py'), folder, String(port)], { stdio: 'ignore' });
  await expect(async () => {
    expect((await fetch(`http://127.0.0.1:${port}/api?token=story`)).ok).toBe(true);
  }).toPass({ timeout: 60_000 });
}

/** As a machine that fails does it: without a word. */
async function kill() {
  const gone = new Promise(resolve => server.once('exit', resolve));
  server.kill('SIGKILL');
  await gone;
}

/** The job that was begun last, and all that it started. */
function killJob() {
  const jobs = path.join(`${folder}-home`, 'runtime', 'nb2prod');
  const last = readdirSync(jobs).sort().at(-1);
  process.kill(-JSON.parse(readFileSync(path.join(jobs, last, 'process.json'), 'utf8')).pid, 'SIGKILL');
}

const cell = (id, stage, source) => ({
  cell_type: 'code',
  id,
  metadata: { tags: [`stage:${stage}`] },
  execution_count: null,
  outputs: [],
  source
});
const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' } },
  cells: [cell('a', 'wait', 'import time\ntime.sleep(4)\nvalue = 1'), cell('b', 'use', 'value + 1')]
};

test.beforeAll(async () => {
  await start();
  writeFileSync(path.join(folder, 'slow.ipynb'), JSON.stringify(notebook));
});
test.afterAll(() => server.kill());

const progress = page => panel(page).locator('.jp-nb2prod-job progress');

async function shown(page) {
  await open(page, 'slow.ipynb');
  await run(page, 'nb2prod:show-pipeline');
}

async function reloaded(page) {
  await page.reload();
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-pipeline');
}

/** The jobs' notification, which stays while something is at work. */
const atWork = page => page.locator('.Toastify__toast', { hasText: 'at work' });

test('two windows show the same job, and the second can cancel it', async ({ page, context }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(progress(page)).toBeVisible();
  const second = await context.newPage();
  await shown(second);
  await expect(progress(second)).toBeVisible();
  await expect(panel(second).getByRole('button', { name: 'Convert', exact: true })).toBeDisabled();
  await panel(second).getByRole('button', { name: 'Cancel' }).click();
  for (const one of [page, second]) {
    await expect(panel(one).getByText('convert was cancelled.')).toBeVisible();
    await expect(progress(one)).toHaveCount(0);
    await expect(panel(one).getByRole('button', { name: 'Convert', exact: true })).toBeEnabled();
  }
});

test('a job outlives its server: a page that stayed open and one that is reloaded say how it ended', async ({ page }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(progress(page)).toBeVisible();
  await kill();
  await expect(panel(page).getByRole('alert').getByText('The server does not answer.')).toBeVisible();
  await start();
  await expect(panel(page).getByText('verdict: same')).toBeVisible({ timeout: 60_000 });
  await expect(progress(page)).toHaveCount(0);
  await expect(panel(page).getByText('The server does not answer.')).toHaveCount(0);
  await expect(atWork(page)).toHaveCount(0);
  await reloaded(page);
  await expect(panel(page).getByText('verdict: same')).toBeVisible();
  await expect(progress(page)).toHaveCount(0);
});

test('a job that died with its server is said to be lost', async ({ page }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await expect(progress(page)).toBeVisible();
  await kill();
  killJob();
  await start();
  const lost = panel(page).getByRole('alert').getByText('verify lost');
  await expect(lost).toBeVisible({ timeout: 30_000 });
  await expect(progress(page)).toHaveCount(0);
  await expect(atWork(page)).toHaveCount(0);
  await expect(panel(page).getByRole('button', { name: 'Verify' })).toBeEnabled();
  await reloaded(page);
  await expect(lost).toBeVisible();
  await expect(panel(page).getByText('its process ended without an answer')).toBeVisible();
  await expect(progress(page)).toHaveCount(0);
});
