import { Token } from '@lumino/coreutils';
import type { Workbench } from './bench';

/** The panes of the panel, in the order of their tabs. */
export const PANES = ['warnings', 'pipeline', 'readiness', 'deployment'] as const;
export type Pane = (typeof PANES)[number];

/** What the surfaces share: one state, many views. */
export type IWorkbench = Pick<Workbench, keyof Workbench>;

export const IWorkbench = new Token<IWorkbench>(
  'nb2prod:IWorkbench',
  'The state of the panel of nb2prod.'
);
