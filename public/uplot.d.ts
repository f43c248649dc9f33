// The page has uPlot as a script of its own, under this name.
declare const uPlot: typeof import('uplot');
