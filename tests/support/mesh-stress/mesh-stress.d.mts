/** Types of mesh-stress.mjs for its specs. */
export declare const COUNTS: 'SKYFLOW_MESH_COUNTS';
export declare function stressOptions(
  given: readonly string[],
): { repeat: number; load: number; rest: string[] } | undefined;
export declare function countConnections(text: string): {
  made: number;
  failed: number;
  byCode: Record<string, number>;
};
