import { commands } from './plugins/commands';
import { editor } from './plugins/editor';
import { panel } from './plugins/panel';
import { fileBrowser, launcher } from './plugins/places';
import { stages } from './plugins/stages';
import { statusBar } from './plugins/statusBar';
import { workbench } from './plugins/workbench';

/** One plugin per surface, so that each can be disabled. */
export default [workbench, panel, commands, editor, stages, fileBrowser, launcher, statusBar];
