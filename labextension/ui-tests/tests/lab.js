// What the stories share.
const path = require('node:path');
const { expect } = require('@playwright/test');

const SHOTS = process.env.NB2PROD_SHOTS;

/** JupyterLab with a notebook open and the panel shown. */
async function open(page, notebook = 'churn.ipynb') {
  await page.goto(`/lab/tree/${notebook}?token=story&reset`);
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  await run(page, 'nb2prod:show-warnings');
}

/** A command. */
async function run(page, command) {
  await page.waitForFunction(one => window.jupyterapp?.commands.hasCommand(one), command);
  await page.evaluate(one => window.jupyterapp.commands.execute(one).then(() => undefined), command);
}

const panel = page => page.locator('#nb2prod-panel');
const tab = (page, name) => panel(page).getByRole('tab', { name });

/** What the page complains about and is ours: errors that nobody caught, warnings and errors of the console. */
function complaints(page) {
  const found = [];
  // One error is Notebook's own: it is there without the panel, too.
  page.on('pageerror', error => error.message.includes("reading 'schema'") || found.push(error.message));
  page.on('console', message => {
    const isLoud = ['warning', 'error'].includes(message.type());
    const isOurs = /nb2prod|shared module|Unsatisfied/.test(`${message.location().url} ${message.text()}`);
    isLoud && isOurs && found.push(message.text());
  });
  return found;
}

/** A picture of the window, light and dark; nothing where none are asked for. */
async function picture(page, name) {
  if (!SHOTS) {
    return;
  }
  await page.locator('.Toastify__close-button').evaluateAll(all => all.forEach(one => one.click()));
  await page.waitForTimeout(600);
  for (const theme of ['Dark', 'Light']) {
    await page.evaluate(async one => {
      await window.jupyterapp.commands.execute('apputils:change-theme', { theme: `JupyterLab ${one}` });
    }, theme);
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(SHOTS, `${name}-${theme.toLowerCase()}.png`) });
  }
}

/** axe on the panel: nothing serious. */
async function accessible(page) {
  await page.addScriptTag({ path: require.resolve('axe-core') });
  const found = await page.evaluate(async () => (await window.axe.run('#nb2prod-panel')).violations);
  const serious = found.filter(one => ['serious', 'critical'].includes(one.impact));
  expect(serious.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`)).toEqual([]);
}

module.exports = { accessible, complaints, open, panel, picture, run, tab };
