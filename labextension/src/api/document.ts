import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

/** Texts of outputs are sent up to here: the server looks for secrets and stale results, not for all of a log. */
const MOST_TEXT = 20000;
const MOST_OUTPUTS = 20;
/** Characters, and one for each value, of all outputs of a request. */
const MOST = 4_000_000;

type Output = Record<string, unknown>;

export interface ICellRecord {
  cell_type: string;
  id: string;
  source: string;
  metadata: { tags: unknown; editable?: unknown };
  execution_count?: number | null;
  outputs?: Output[];
}

export interface IDocument extends Record<string, unknown> {
  metadata: Record<string, unknown>;
  cells: ICellRecord[];
}

/** Cell id → what its outputs were like when they were sent. */
export type Sent = Map<string, string>;

/**
 * The notebook as it stands. Outputs that were sent already are left out; `sent` is brought up to date; null: all are.
 * Outputs are cut, but not those of the cell `whole`.
 */
export function documentOf(model: INotebookModel, sent: Sent | null, whole = ''): IDocument {
  const allowance = new Allowance();
  const cells = [...model.cells].map(cell => recordOf(cell, sent, allowance, whole));
  return {
    metadata: {
      kernelspec: model.getMetadata('kernelspec'),
      language_info: model.getMetadata('language_info')
    },
    cells
  };
}

function recordOf(cell: ICellModel, sent: Sent | null, allowance: Allowance, whole: string): ICellRecord {
  const record: ICellRecord = {
    cell_type: cell.type,
    id: cell.id,
    source: cell.sharedModel.getSource(),
    metadata: { tags: cell.getMetadata('tags') ?? [] }
  };
  if (cell.type === 'code') {
    const code = cell as ICodeCellModel;
    record.execution_count = code.executionCount;
    if (!sent) {
      return record;
    }
    const state = stateOf(code);
    if (cell.id === whole) {
      record.outputs = code.outputs.toJSON() as Output[];
      sent.delete(cell.id);
    } else if (sent.get(cell.id) !== state) {
      record.outputs = outputsOf(code, allowance);
      sent.set(cell.id, state);
    }
  }
  return record;
}

/** Cheap to tell, and another one whenever the outputs are others. */
function stateOf(cell: ICodeCellModel): string {
  const count = cell.outputs.length;
  const last = count ? cell.outputs.get(count - 1).toJSON() : {};
  const text = (last as Output).text;
  return `${cell.executionCount}:${count}:${typeof text === 'string' ? text.length : ''}`;
}

/** The outputs as JSON, images left out and texts cut. */
function outputsOf(cell: ICodeCellModel, allowance: Allowance): Output[] {
  const found: Output[] = [];
  for (let at = 0; at < Math.min(cell.outputs.length, MOST_OUTPUTS); at++) {
    found.push(allowance.cut(cell.outputs.get(at).toJSON()) as Output);
  }
  return found;
}

/** How much may still be sent. What is cut keeps its shape. */
class Allowance {
  cut(value: unknown): unknown {
    this._left--;
    if (typeof value === 'string') {
      const text = value.slice(0, Math.max(0, Math.min(MOST_TEXT, this._left)));
      this._left -= text.length;
      return text;
    }
    if (Array.isArray(value)) {
      const found: unknown[] = [];
      for (let at = 0; at < value.length && this._left > 0; at++) {
        found.push(this.cut(value[at]));
      }
      return found;
    }
    if (value && typeof value === 'object') {
      const kept = Object.entries(value).filter(([name]) => !/^(image|audio|video)\//.test(name));
      return Object.fromEntries(kept.map(([name, one]) => [name, this.cut(one)]));
    }
    return value;
  }

  private _left = MOST;
}
