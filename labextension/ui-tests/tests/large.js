// A notebook of 300 cells.
function large(count = 300) {
  const cell = at => ({
    cell_type: 'code',
    id: `c${at}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source: at ? `value_${at} = value_${at - 1} + ${at}\nprint(value_${at})` : 'value_0 = 0'
  });
  const kernelspec = { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' };
  const cells = Array.from({ length: count }, (_, at) => cell(at));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}

module.exports = { large };
