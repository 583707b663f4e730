import React from 'react';
import { Badge } from '../../components/Badge';
import { useWords } from '../../components/context';
import type { WarningsModel } from '../../model/warnings';

/** How many warnings are shown. That there are none is only said when the server said so. */
export function Count({ model }: { model: WarningsModel }): React.ReactElement {
  const trans = useWords();
  const count = model.shown.length;
  if (!model.isKnown) {
    return <>{model.trouble ? trans.__('Not checked') : trans.__('Looking…')}</>;
  }
  if (count || model.filter) {
    return <>{trans._n('%1 warning', '%1 warnings', count + model.leftOut)}</>;
  }
  return <Badge mood="good" text={trans.__('No warnings')} />;
}
