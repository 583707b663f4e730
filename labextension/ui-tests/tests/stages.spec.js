// Which stage a cell is in: proposed, accepted, chosen in the cell's toolbar.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { accessible, complaints, open, panel, tab } = require('./lab');

const project = process.env.NB2PROD_STORY ?? path.join(__dirname, '..', 'test-results', 'project');

const cell = (id, source) => ({ cell_type: 'code', id, metadata: {}, execution_count: null, outputs: [], source });
const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' } },
  cells: [
    cell('load', 'import pandas as pd\ndf = pd.read_csv("customers.csv")'),
    cell('make', 'table = df.groupby("years").mean()\nX, y = df[["age"]], df["left"]'),
    cell('show', 'table.describe()'),
    cell('fit', 'from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression().fit(X, y)'),
    cell('score', 'auc = model.score(X, y)')
  ]
};

test('cells that only show something are the report: proposed, accepted, chosen', async ({ page }) => {
  const found = complaints(page);
  writeFileSync(path.join(project, 'shown.ipynb'), JSON.stringify(notebook));
  await open(page, 'shown.ipynb');
  await tab(page, 'Pipeline').click();
  const proposed = panel(page).locator('.jp-nb2prod-stages li', { hasText: 'they only show something' });
  await expect(proposed).toContainText('report');
  await panel(page).locator('.jp-nb2prod-stages li', { hasText: 'train' }).getByRole('button', { name: 'Accept' }).click();
  await expect(page.locator('.jp-Cell[data-nb2prod-stage="train"]')).toContainText('LogisticRegression');
  await panel(page).getByRole('button', { name: 'Accept the rest' }).click();
  await expect(panel(page).getByText('Proposed beside these:')).toHaveCount(0);
  const report = page.locator('.jp-Cell[data-nb2prod-stage="report"]');
  await expect(report).toContainText('describe');
  await expect(panel(page).locator('.jp-nb2prod-stages li', { hasText: 'report' })).toContainText('runs last');
  await accessible(page);

  await report.click();
  const picker = report.getByLabel('Stage of this cell');
  await expect(picker).toHaveValue('report');
  await picker.selectOption('');
  await expect(report).toHaveCount(0);
  await expect(panel(page).locator('.jp-nb2prod-stages li', { hasText: 'report' })).toHaveCount(0);
  const shown = page.locator('.jp-Cell', { hasText: 'describe' });
  await shown.getByLabel('Stage of this cell').selectOption('report');
  await expect(report).toContainText('describe');
  expect(found).toEqual([]);
});
