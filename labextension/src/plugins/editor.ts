import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Marks } from '../editor/marks';
import { IWorkbench } from '../tokens';

/** Underlines in the cells. */
export const editor: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:editor',
  description: 'Underlines what nb2prod warns about.',
  autoStart: true,
  requires: [IWorkbench, IEditorExtensionRegistry],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    bench: IWorkbench,
    registry: IEditorExtensionRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    const { warnings, actions } = bench;
    const marks = new Marks(trans.__('Fix…'), one => void actions.fix(one));
    registry.addExtension({
      name: 'nb2prod:marks',
      factory: options => {
        const shared = options.model.sharedModel as unknown as { getId?: () => string };
        return shared.getId
          ? EditorExtensionRegistry.createImmutableExtension(marks.extension(shared.getId()))
          : null;
      }
    });
    warnings.stateChanged.connect(() => marks.show(warnings.isMarking ? warnings.diagnostics : []));
  }
};
