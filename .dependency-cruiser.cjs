/** The import rules of docs/architecture.md, one sentence each. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'Imports point one way.', from: {}, to: { circular: true } },
    {
      name: 'pure-core',
      severity: 'error',
      comment: 'Money, clock and errors know nobody else.',
      from: { path: '^src/(money|errors|clock/clock\\.ts)' },
      to: { path: '^src/', pathNot: '^src/(money|errors|clock)/' },
    },
    {
      name: 'ledger-knows-no-payment',
      severity: 'error',
      comment: 'Ledger and payment never import each other: what both know is in money/.',
      from: { path: '^src/ledger/' },
      to: { path: '^src/(payment|budget|chat|models|health|http)/' },
    },
    {
      name: 'payment-knows-no-ledger',
      severity: 'error',
      comment: 'Ledger and payment never import each other: what both know is in money/.',
      from: { path: '^src/payment/' },
      to: { path: '^src/(ledger|budget|chat|models|health|http)/' },
    },
    {
      name: 'budget-knows-no-edge',
      severity: 'error',
      comment: 'The budget is asked by the edge, not the other way round.',
      from: { path: '^src/budget/' },
      to: { path: '^src/(payment|chat|models|health|http)/' },
    },
    {
      name: 'store-and-audit-are-below',
      severity: 'error',
      comment: 'The store and the audit know nothing of what they keep.',
      from: { path: '^src/(store|audit)/' },
      to: { path: '^src/(ledger|payment|budget|chat|models|health|http)/' },
    },
    {
      name: 'adapters-are-named-by-modules-only',
      severity: 'error',
      comment: 'Only a module names an adapter; everybody else asks for the port.',
      from: { path: '^src/', pathNot: '\\.module\\.ts$' },
      to: {
        path: '^src/(ledger/sql-ledger|models/block-run\\.seller-models|payment/(x402\\.payer|agentcash/agent-cash\\.payer|block-run\\.seller|dry-run\\.seller))\\.ts$',
      },
    },
    {
      name: 'only-the-store-knows-the-engine',
      severity: 'error',
      comment: 'SQL engines are met in store/ alone.',
      from: { path: '^src/', pathNot: '^src/store/' },
      to: { path: 'node_modules/libsql' },
    },
    {
      name: 'openclaw-knows-no-money-paths',
      severity: 'error',
      comment: "What edits OpenClaw's configuration reads settings and models, and touches neither wallet nor books.",
      from: { path: '^src/openclaw/' },
      to: { path: '^src/(ledger|payment|budget|chat|audit|store|http|health)/' },
    },
    {
      name: 'product-stands-alone',
      severity: 'error',
      comment: 'The product needs neither its tests nor its sandbox.',
      from: { path: '^src/' },
      to: { path: '^(sandbox|test|bench)/' },
    },
    {
      name: 'sandbox-is-independent',
      severity: 'error',
      comment: 'The sandbox is the counterpart that the product is measured against: it shares no code with it.',
      from: { path: '^sandbox/' },
      to: { path: '^(src|test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
