import React from 'react';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import type { PipelineModel } from '../../model/pipeline';
import { Edge } from './Edge';
import { layoutOf, ROW } from './layout';

export interface IGraphProps {
  model: PipelineModel;
  /** The stage at work, empty where none is. */
  working: string;
}

/** The stages from top to bottom, and what crosses at their right. Its list of buttons is its own text alternative. */
export function Graph({ model, working }: IGraphProps): React.ReactElement {
  const trans = useWords();
  const stages = model.found!.stages;
  const layout = layoutOf(stages.length, model.edges);
  const zoom = (factor: number): void => model.set({ zoom: Math.min(2, Math.max(0.5, model.zoom * factor)) });
  return (
    <div className="jp-nb2prod-graph">
      <div className="jp-nb2prod-row jp-nb2prod-zoom">
        <Button label="−" title={trans.__('Smaller')} onClick={() => zoom(0.8)} />
        <Button label="+" title={trans.__('Larger')} onClick={() => zoom(1.25)} />
      </div>
      <div className="jp-nb2prod-canvas" style={{ zoom: model.zoom }}>
        <ol style={{ gridAutoRows: ROW }}>
          {stages.map((stage, at) => (
            <li key={stage.name}>
              <button
                type="button"
                className="jp-nb2prod-node"
                data-nb2prod-color={at % 8}
                aria-pressed={model.chosen === stage.name}
                aria-busy={working === stage.name}
                onClick={() => model.set({ chosen: stage.name, log: '' })}
              >
                {stage.name}
                {stage.differences.length > 0 && <span aria-label={trans.__('differs')}> ✕</span>}
              </button>
            </li>
          ))}
        </ol>
        <svg width={layout.width} height={layout.height} aria-label={trans.__('What crosses between the stages')} role="group">
          <defs>
            <marker id="jp-nb2prod-arrow" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0 0 6 3 0 6z" />
            </marker>
          </defs>
          {layout.edges.map(edge => (
            <Edge key={edge.path} edge={edge} model={model} />
          ))}
        </svg>
      </div>
    </div>
  );
}
