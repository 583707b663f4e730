import type { Ask, Body } from '../api/client';
import { Trouble } from '../api/client';
import { documentOf, type Sent } from '../api/document';
import type { IChecked, IDiagnosticRecord, IIgnored, IMended } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

/** How many rows a list shows before it asks. */
export const MOST_ROWS = 200;

export type Grouping = 'cell' | 'rule';

/** The warnings of the active notebook, as it stands. */
export class WarningsModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
    active.edited.connect(() => void this.refresh());
  }

  diagnostics: IDiagnosticRecord[] = [];
  leftOut = 0;
  filter = '';
  grouping: Grouping = 'cell';
  /** Whether the editor shows underlines. */
  isMarking = true;
  /** How long the last answer took, in milliseconds. */
  took = 0;

  /** Those that the filter lets through. */
  get shown(): IDiagnosticRecord[] {
    const wanted = this.filter.trim().toLowerCase();
    return wanted ? this.diagnostics.filter(one => textOf(one).includes(wanted)) : this.diagnostics;
  }

  /** The same in groups, in the order of the notebook, at most `MOST_ROWS` rows in all. */
  get groups(): [string, IDiagnosticRecord[]][] {
    const found = new Map<string, IDiagnosticRecord[]>();
    for (const one of this.shown.slice(0, MOST_ROWS)) {
      const key = this.grouping === 'cell' ? one.cell_id : `${one.code} ${one.name}`;
      found.set(key, [...(found.get(key) ?? []), one]);
    }
    return [...found];
  }

  /** Change what is shown. */
  set(change: Partial<Pick<WarningsModel, 'filter' | 'grouping' | 'isMarking'>>): void {
    Object.assign(this, change);
    this.stateChanged.emit();
  }

  /** What the fix of a warning would make of the notebook. */
  async mended(one: IDiagnosticRecord): Promise<IMended> {
    const { code, cell_id, line, column } = one;
    // What comes back takes the place of the cell's outputs, and so these must be whole.
    return this._send<IMended>('fix', { code, cell_id, line, column }, cell_id);
  }

  /** A cell's text with the comment that silences a warning, or (`everywhere`) the file that silences its rule. */
  async ignored(one: IDiagnosticRecord, more: Body): Promise<IIgnored> {
    const body = { path: this.active.path, code: one.code, line: one.line, ...more };
    return this._ask<IIgnored>('POST', 'ignore', body);
  }

  /** Take over what a run found. */
  confirm(found: IDiagnosticRecord[]): void {
    this.diagnostics = found;
    this.stateChanged.emit();
  }

  protected async ask(): Promise<() => void> {
    const began = performance.now();
    const found = await this._send<IChecked>('check', {});
    return () => {
      this.diagnostics = found.diagnostics;
      this.leftOut = found.left_out;
      this.took = performance.now() - began;
    };
  }

  private async _send<T>(route: string, more: Body, whole = ''): Promise<T> {
    const path = this.active.path;
    const model = this.active.panel!.context.model;
    const send = (): Promise<T> => {
      const notebook = documentOf(model, this._sent, whole);
      return this._ask<T>('POST', route, { path, client: this._client, notebook, ...more });
    };
    try {
      return await send();
    } catch (error) {
      this._sent.clear();
      if (error instanceof Trouble && error.kind === 'OutputsNeeded') {
        return send();
      }
      throw error;
    }
  }

  protected forget(): void {
    this.diagnostics = [];
    this.leftOut = 0;
    this._sent.clear();
  }

  protected rested(): void {
    this.diagnostics = [];
    this.stateChanged.emit();
  }

  private _sent: Sent = new Map();
  private _client = Math.random().toString(36).slice(2);
}

function textOf(one: IDiagnosticRecord): string {
  return `${one.code} ${one.name} ${one.severity} ${one.message}`.toLowerCase();
}
