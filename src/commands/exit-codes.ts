/** The books do not agree: with the chain (`reconcile`), or with each other (`audit verify`, `report`). */
export const DIFFERENCES = 3;
