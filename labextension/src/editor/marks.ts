import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { type Extension, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, ViewPlugin } from '@codemirror/view';
import type { IDiagnosticRecord } from '../api/records';

const setLines = StateEffect.define<DecorationSet>();

/**
 * Lines with a mark at their left. It is drawn within the line's own padding: a gutter that comes and goes would lay
 * out the page anew, 20 ms an edit in a notebook of 300 cells.
 */
const lines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, change) =>
    change.effects.reduce((found, effect) => (effect.is(setLines) ? effect.value : found), marks.map(change.changes)),
  provide: field => EditorView.decorations.from(field)
});

/** Underlines and marked lines in the editors of cells: told by cell id, shown in every editor of that cell. */
export class Marks {
  constructor(
    private _fixLabel: string,
    private _fix: (one: IDiagnosticRecord) => void
  ) {}

  /** For the editor of the cell with that id. */
  extension(id: string): Extension {
    const follow = ViewPlugin.define(view => {
      this._views.set(view, id);
      queueMicrotask(() => this._show(view));
      return { destroy: () => void this._views.delete(view) };
    });
    return [lines, follow];
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
    const records = this._found.get(this._views.get(view) ?? '') ?? [];
    const key = JSON.stringify(records.map(one => [one.code, one.line, one.column, one.message]));
    const shown = this._shown.get(view);
    if (shown ? shown.key === key && (shown.doc === view.state.doc || !records.length) : !records.length) {
      return;
    }
    this._shown.set(view, { key, doc: view.state.doc });
    const diagnostics = records.map(one => this._diagnostic(one, view.state.doc));
    const marked = setLines.of(marksOf(diagnostics, view.state.doc));
    view.dispatch(setDiagnostics(view.state, diagnostics), { effects: marked });
  }

  private _diagnostic(one: IDiagnosticRecord, doc: Text): Diagnostic {
    const { from, to } = rangeOf(one, doc);
    const actions = one.fix ? [{ name: this._fixLabel, apply: () => this._fix(one) }] : [];
    const severity = one.severity === 'error' || one.severity === 'warning' ? one.severity : 'info';
    return { from, to, severity, source: one.code, message: one.message, actions };
  }

  private _found = new Map<string, IDiagnosticRecord[]>();
  private _views = new Map<EditorView, string>();
  private _shown = new WeakMap<EditorView, { key: string; doc: Text }>();
}

const SEVERITIES = ['error', 'warning', 'info'];

/** The first line of each, by the worst that begins there. */
function marksOf(diagnostics: Diagnostic[], doc: Text): DecorationSet {
  const worst = new Map<number, number>();
  for (const { from, severity } of diagnostics) {
    const start = doc.lineAt(from).from;
    worst.set(start, Math.min(worst.get(start) ?? SEVERITIES.length, SEVERITIES.indexOf(severity)));
  }
  const mark = (at: number): Decoration =>
    Decoration.line({ class: `jp-nb2prod-line-mark jp-nb2prod-line-${SEVERITIES[at]}` });
  return Decoration.set([...worst].map(([start, at]) => mark(at).range(start)), true);
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
