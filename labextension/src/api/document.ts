import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

/** Texts of outputs are sent up to here: the server looks for secrets and stale results, not for all of a log. */
const MOST_TEXT = 20000;
const MOST_OUTPUTS = 20;

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

/** The notebook as it stands. Outputs that were sent already are left out; `sent` is brought up to date; null: all are. */
export function documentOf(model: INotebookModel, sent: Sent | null): IDocument {
  const cells = [...model.cells].map(cell => recordOf(cell, sent));
  return {
    metadata: {
      kernelspec: model.getMetadata('kernelspec'),
      language_info: model.getMetadata('language_info')
    },
    cells
  };
}

function recordOf(cell: ICellModel, sent: Sent | null): ICellRecord {
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
    if (sent.get(cell.id) !== state) {
      record.outputs = outputsOf(code);
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
export function outputsOf(cell: ICodeCellModel): Output[] {
  const found: Output[] = [];
  for (let at = 0; at < Math.min(cell.outputs.length, MOST_OUTPUTS); at++) {
    found.push(shortened(cell.outputs.get(at).toJSON() as Output) as Output);
  }
  return found;
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.slice(0, MOST_TEXT);
  }
  if (Array.isArray(value)) {
    return value.slice(0, 1000).map(shortened);
  }
  if (value && typeof value === 'object') {
    const kept = Object.entries(value).filter(([name]) => !/^(image|audio|video)\//.test(name));
    return Object.fromEntries(kept.map(([name, one]) => [name, shortened(one)]));
  }
  return value;
}
