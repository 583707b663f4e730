import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, type Extension, type Text } from '@codemirror/state';
import { type EditorView, ViewPlugin } from '@codemirror/view';
import type { IDiagnosticRecord } from '../api/records';

/** Underlines and gutter marks in the editors of cells: told by cell id, shown in every editor of that cell. */
export class Marks {
  constructor(
    private _fixLabel: string,
    private _fix: (one: IDiagnosticRecord) => void
  ) {}

  /** For the editor of the cell with that id. */
  extension(id: string): Extension {
    const gutter = new Compartment();
    const follow = ViewPlugin.define(view => {
      this._views.set(view, { id, gutter });
      queueMicrotask(() => this._show(view));
      return { destroy: () => void this._views.delete(view) };
    });
    return [gutter.of([]), follow];
  }

  /** The warnings of the notebook, by cell. */
  show(found: IDiagnosticRecord[]): void {
    this._found = new Map();
    for (const one of found) {
      this._found.set(one.cell_id, [...(this._found.get(one.cell_id) ?? []), one]);
    }
    for (const view of this._views.keys()) {
      this._show(view);
    }
  }

  private _show(view: EditorView): void {
    const known = this._views.get(view);
    if (!known) {
      return;
    }
    const records = this._found.get(known.id) ?? [];
    const key = JSON.stringify(records.map(one => [one.code, one.line, one.column, one.message]));
    if (this._shown.get(view) === key || (!records.length && !this._shown.has(view))) {
      return;
    }
    this._shown.set(view, key);
    const diagnostics = records.map(one => this._diagnostic(one, view.state.doc));
    view.dispatch({ effects: known.gutter.reconfigure(records.length ? lintGutter() : []) });
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }

  private _diagnostic(one: IDiagnosticRecord, doc: Text): Diagnostic {
    const { from, to } = rangeOf(one, doc);
    const actions = one.fix ? [{ name: this._fixLabel, apply: () => this._fix(one) }] : [];
    const severity = one.severity === 'error' || one.severity === 'warning' ? one.severity : 'info';
    return { from, to, severity, source: one.code, message: one.message, actions };
  }

  private _found = new Map<string, IDiagnosticRecord[]>();
  private _views = new Map<EditorView, { id: string; gutter: Compartment }>();
  private _shown = new WeakMap<EditorView, string>();
}

/** Characters of the document: an answer to an older text must not reach beyond its end. */
export function rangeOf(one: IDiagnosticRecord, doc: Text): { from: number; to: number } {
  const offset = (line: number, column: number): number => {
    const found = doc.line(Math.max(1, Math.min(line, doc.lines)));
    return Math.min(found.from + unitsOf(found.text, column), found.to);
  };
  const from = offset(one.line, one.column);
  return { from, to: Math.max(from, offset(one.end_line, one.end_column)) };
}

/** The server counts characters, JavaScript counts UTF-16 units: `😀` is one and two. */
export function unitsOf(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}
