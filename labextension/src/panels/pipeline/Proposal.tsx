import React from 'react';
import type { IActions } from '../../actions';
import type { ICutting } from '../../api/records';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';

/** The stages by tags, or a proposal that can be accepted stage by stage. */
export function Proposal({ cutting, actions }: { cutting: ICutting; actions: IActions }): React.ReactElement {
  const trans = useWords();
  if (cutting.problem) {
    return (
      <div className="jp-nb2prod-trouble" role="alert">
        <p>{cutting.problem}</p>
        <p className="jp-nb2prod-hint">{cutting.hint}</p>
      </div>
    );
  }
  if (!cutting.stages.length) {
    return <p>{trans.__('Nothing tells where a stage could begin. The notebook runs as one.')}</p>;
  }
  return (
    <>
      <ol className="jp-nb2prod-stages">
        {cutting.stages.map((stage, at) => (
          <li key={stage.name} data-nb2prod-color={cutting.proposed ? undefined : at % 8}>
            <button type="button" className="jp-nb2prod-place" onClick={() => void actions.goTo(stage.opens)}>
              <strong>{stage.name}</strong> {trans._n('%1 cell', '%1 cells', stage.cells.length)}
              {stage.why && <span className="jp-nb2prod-hint"> {stage.why}</span>}
              {stage.is_report && !stage.why && <span className="jp-nb2prod-hint"> {trans.__('runs last')}</span>}
            </button>
            {cutting.proposed && stage.why && (
              <Button
                label={trans.__('Accept')}
                title={
                  stage.is_report ? trans.__('Tag its cells “report”') : trans.__('Tag the cell that opens stage %1', stage.name)
                }
                onClick={() => actions.accept([stage])}
              />
            )}
          </li>
        ))}
      </ol>
      {cutting.proposed && (
        <Button label={trans.__('Accept all')} isAccented onClick={() => actions.accept(cutting.stages)} />
      )}
    </>
  );
}
