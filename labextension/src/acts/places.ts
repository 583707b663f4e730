import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDiagnosticRecord } from '../api/records';
import { unitsOf } from '../editor/marks';

/** Make a cell the active one and bring it into view; null where there is none. Off-screen cells are drawn on the way. */
export async function goTo(panel: NotebookPanel | null, cellId: string): Promise<Cell | null> {
  const notebook = panel?.content;
  const at = notebook?.widgets.findIndex(cell => cell.model.id === cellId) ?? -1;
  if (!notebook || at < 0) {
    return null;
  }
  notebook.activeCellIndex = at;
  notebook.deselectAll();
  await notebook.scrollToItem(at, 'center').catch(() => undefined);
  const cell = notebook.widgets[at];
  await cell.ready;
  return cell;
}

/** Go to a warning: the cell, the line, the column. */
export async function jump(panel: NotebookPanel | null, one: IDiagnosticRecord): Promise<void> {
  const cell = await goTo(panel, one.cell_id);
  const editor = cell?.editor;
  if (!panel || !editor) {
    panel?.content.activate();
    return;
  }
  const line = Math.min(one.line - 1, editor.lineCount - 1);
  const position = { line, column: unitsOf(editor.getLine(line) ?? '', one.column) };
  panel.content.mode = 'edit';
  editor.setCursorPosition(position);
  editor.revealPosition(position);
  editor.focus();
}
