import type { NotebookPanel } from '@jupyterlab/notebook';
import type { StagesModel } from '../model/stages';

/** Colour the margin of cells by their stage; where another one begins than stood above, its name stands too. */
export function colorCells(panel: NotebookPanel | null, stages: StagesModel): void {
  let above = -1;
  for (const cell of panel?.content.widgets ?? []) {
    const number = stages.numberOf(cell.model.id);
    const stage = stages.cutting.stages[number];
    set(cell.node, 'nb2prodColor', stage ? String(number % 8) : '');
    set(cell.node, 'nb2prodStage', stage && number !== above ? stage.name : '');
    above = stage ? number : above;
  }
}

function set(node: HTMLElement, name: string, value: string): void {
  if (value) {
    node.dataset[name] = value;
  } else {
    delete node.dataset[name];
  }
}
