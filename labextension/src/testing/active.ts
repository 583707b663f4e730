import { Signal } from '@lumino/signaling';
import type { IActiveNotebook } from '../model/active';

interface IFakeCell {
  id: string;
  source: string;
  tags?: string[];
}

/** An active notebook that a test holds in its hand. */
export class FakeActive implements IActiveNotebook {
  path = 'churn.ipynb';
  output = 'said';
  cells: IFakeCell[] = [{ id: 'a', source: 'x = 1' }];
  switched: Signal<IActiveNotebook, void> = new Signal<IActiveNotebook, void>(this);
  edited: Signal<IActiveNotebook, void> = new Signal<IActiveNotebook, void>(this);
  saved: Signal<IActiveNotebook, void> = new Signal<IActiveNotebook, void>(this);

  get panel(): NonNullable<IActiveNotebook['panel']> {
    const cells = this.cells.map(cell => ({
      id: cell.id,
      type: 'code',
      executionCount: null,
      sharedModel: { getSource: () => cell.source },
      getMetadata: () => cell.tags,
      outputs: {
        length: 1,
        get: () => ({ toJSON: () => ({ output_type: 'stream', text: this.output }) }),
        toJSON: () => [{ output_type: 'stream', text: this.output }]
      }
    }));
    const model = { cells, getMetadata: () => undefined };
    return { context: { model, path: this.path } } as unknown as NonNullable<IActiveNotebook['panel']>;
  }
}

/** What was asked, and answers one by one when the test says so. */
export class FakeServer {
  asked: { method: string; route: string; body: Record<string, unknown> }[] = [];
  private _waiting: { resolve: (value: unknown) => void; reject: (error: unknown) => void }[] = [];

  ask = <T>(method: string, route: string, body: Record<string, unknown> = {}): Promise<T> => {
    this.asked.push({ method, route, body });
    return new Promise<unknown>((resolve, reject) => this._waiting.push({ resolve, reject })) as Promise<T>;
  };

  async answer(value: unknown): Promise<void> {
    this._waiting.shift()!.resolve(value);
    await settle();
  }

  async fail(error: unknown): Promise<void> {
    this._waiting.shift()!.reject(error);
    await settle();
  }
}

/** Let what was promised happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
}
