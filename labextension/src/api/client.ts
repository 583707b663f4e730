import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** What the server, or the way to it, complains about. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly kind: string,
    readonly status: number
  ) {
    super(message);
  }

  /** Whether the server has no such route: its part is missing or older than the panel. */
  get isMissing(): boolean {
    return this.status === 404 && this.kind === '';
  }

  /** Whether the server is away, or being started again behind a proxy: the same question may have an answer soon. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 502;
  }
}

export type Body = Record<string, unknown>;

/** Ask a route of nb2prod. Rejects with a `Trouble`. */
export type Ask = <T>(method: string, route: string, body?: Body) => Promise<T>;

/** The real way to the server. The body of a GET or DELETE goes into the address. */
export function asker(settings: ServerConnection.ISettings): Ask {
  return async <T>(method: string, route: string, body: Body = {}) => {
    const isRead = method === 'GET' || method === 'DELETE';
    const query = isRead ? URLExt.objectToQueryString(body as Record<string, string>) : '';
    const url = URLExt.join(settings.baseUrl, 'nb2prod', 'api', route) + query;
    const init = isRead ? { method } : { method, body: JSON.stringify(body) };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, settings);
    } catch (error) {
      throw new Trouble('The server does not answer.', String(error), 'Network', 0);
    }
    return answerOf<T>(response);
  };
}

async function answerOf<T>(response: Response): Promise<T> {
  let found: Record<string, unknown> = {};
  try {
    found = await response.json();
  } catch {
    // A proxy's page, or nothing: the status says enough.
  }
  if (!response.ok) {
    const text = (name: string): string => (typeof found[name] === 'string' ? (found[name] as string) : '');
    throw new Trouble(text('message') || response.statusText, text('hint'), text('kind'), response.status);
  }
  return found as T;
}
