import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type * as nbformat from '@jupyterlab/nbformat';
import type { IMended, IMendedCell } from '../api/records';

/** A cell that people locked. */
export function isReadOnly(cell: ICellModel): boolean {
  return cell.getMetadata('editable') === false;
}

/** The cell with that id. */
export function cellOf(model: INotebookModel, id: string): ICellModel | undefined {
  return [...model.cells].find(cell => cell.id === id);
}

/** The cells that a fix would change although they are locked. */
export function locked(model: INotebookModel, mended: IMended): ICellModel[] {
  const changed = mended.cells.map(one => [one, cellOf(model, one.origin)] as const);
  return changed
    .filter(([one, cell]) => cell && isReadOnly(cell) && (one.outputs || one.source !== cell.sharedModel.getSource()))
    .map(([, cell]) => cell!);
}

/** Put a fix in place. What comes back takes it back. Every step is in the editor's own history too. */
export function apply(model: INotebookModel, mended: IMended): () => void {
  const undo: (() => void)[] = [];
  const ids = new Set([...model.cells].map(cell => cell.id));
  if (mended.cells.filter(one => one.origin).length !== ids.size) {
    throw new Error('the notebook has changed in the meantime');
  }
  mended.cells.forEach((one, at) => {
    if (one.origin === '') {
      insert(model, one, at);
      undo.push(() => model.sharedModel.undo());
    } else {
      move(model, one.origin, at, undo);
      rewrite(cellOf(model, one.origin)!, one, undo);
    }
  });
  return () => undo.reverse().forEach(step => step());
}

function insert(model: INotebookModel, one: IMendedCell, at: number): void {
  const metadata = one.tags.length ? { tags: one.tags } : {};
  model.sharedModel.insertCell(at, { cell_type: 'code', source: one.source, metadata });
}

function move(model: INotebookModel, id: string, at: number, undo: (() => void)[]): void {
  const from = [...model.cells].findIndex(cell => cell.id === id);
  if (from !== at) {
    model.sharedModel.moveCell(from, at);
    undo.push(() => model.sharedModel.undo());
  }
}

function rewrite(cell: ICellModel, one: IMendedCell, undo: (() => void)[]): void {
  const before = cell.sharedModel.getSource();
  if (before !== one.source) {
    replace(cell, one.source);
    undo.push(() => replace(cell, before));
  }
  if (one.outputs && cell.type === 'code') {
    const code = cell as ICodeCellModel;
    const old = code.outputs.toJSON();
    code.outputs.fromJSON(one.outputs as nbformat.IOutput[]);
    undo.push(() => code.outputs.fromJSON(old));
  }
}

/** Give a cell another text, changing only what differs, as one step of its history. */
export function replace(cell: ICellModel, text: string): void {
  const old = cell.sharedModel.getSource();
  let start = 0;
  while (start < Math.min(old.length, text.length) && old[start] === text[start]) {
    start++;
  }
  let end = 0;
  while (end < Math.min(old.length, text.length) - start && old[old.length - 1 - end] === text[text.length - 1 - end]) {
    end++;
  }
  cell.sharedModel.updateSource(start, old.length - end, text.slice(start, text.length - end));
}

/** What else than opening a stage a cell can be for: one at a time. */
export const ROLES = ['parameters', 'setup', 'skip', 'report'];

/** Make a cell open a stage, give it another role, or (empty) take both away. Other tags stay. */
export function tag(cell: ICellModel, role: string): void {
  const tags = (cell.getMetadata('tags') as string[] | undefined) ?? [];
  const kept = tags.filter(one => !one.startsWith('stage:') && !ROLES.includes(one));
  const wanted = role ? [...kept, role] : kept;
  if (wanted.length) {
    cell.setMetadata('tags', wanted);
  } else {
    cell.deleteMetadata('tags');
  }
}

/** What a cell's tags say: `stage:NAME`, one of ROLES, or nothing. */
export function roleOf(cell: ICellModel): string {
  const tags = (cell.getMetadata('tags') as unknown) ?? [];
  const texts = Array.isArray(tags) ? tags.filter((one): one is string => typeof one === 'string') : [];
  return texts.find(one => one.startsWith('stage:') || ROLES.includes(one)) ?? '';
}
