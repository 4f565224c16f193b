export {
  InvalidQuantityError,
  isZeroQuantity,
  parseBytes,
  parseCpu,
  parseQuantity,
  quantityProblem,
} from './resources/quantity.js';
export { formatBytes, formatCpu, humanAmount, humanBytes } from './resources/format.js';
export {
  type QuantityMap,
  addResources,
  parseAmount,
  parseResourceList,
  subtractResources,
} from './resources/resource-list.js';
export { type ContainerResources, type PodResources, podRequests } from './resources/pod-requests.js';
export { type FlagProblem, type FromFlags, type KeyValue, type WorkloadFlags } from './workloads/flags.js';
export type { PlacementFlags } from './workloads/placement-flags.js';
export { type AcceleratorType, acceleratorNamed } from './workloads/accelerator-names.js';
export { TAINT_RULE, parseTaint, parseTaintRemoval } from './workloads/taint-text.js';
export { type PolicyFlags, policyFromFlags } from './workloads/policy-from-flags.js';
export { type Manifest, deploymentFromFlags, jobFromFlags } from './workloads/workload-from-flags.js';
export { type QueueFlags, queueFromFlags } from './workloads/queue-from-flags.js';
export { type FromSeed, fromSeedDocument, isSeedDocument } from './seed/seed-document.js';
export { type SeedProblem } from './seed/fields.js';
export { type ClusterFlags, clusterFromFlags, clusterNameOf } from './workloads/cluster-from-flags.js';
export {
  type DesiredState,
  type DesiredWork,
  type WithdrawnWork,
  desiredWork,
  evolveDesired,
  initialDesired,
  removableNamespaces,
  workloadOf,
} from './work/desired.js';
export type { ObjectRecord, NativeKind, WorkloadFacts, WorkloadRecord } from './objects/object-record.js';
export { readMeta } from './objects/object-record.js';
export {
  type ClusterSights,
  type EntryPlace,
  type ObjectChange,
  type ObjectsState,
  initialObjects,
} from './objects/objects-state.js';
export type { TableKey } from './objects/object-table.js';
export { evolveObjects, leavesSlowly } from './objects/evolve-objects.js';
export { objectsFold } from './objects/fold-objects.js';
export { meshStateFold, provisioningStateFold, schedulingStateFold } from './checkpoint/log-folds.js';
export {
  type Accepted,
  type CreateObject,
  type Decision,
  type DeleteObject,
  type ObjectCommand,
  type ObjectEntryDraft,
  type UpdateObject,
} from './objects/commands.js';
export { DEFAULT_NAMESPACE, decideObjects } from './objects/decide-objects.js';
export {
  collectGarbage,
  concernedByChange,
  possibleGarbage,
  type StoredKindOf,
} from './objects/garbage/collect-garbage.js';
export { type ObjectKey as StoredKey } from './objects/garbage/owned-objects.js';
export { type Propagation, finalizersAfter } from './objects/garbage/propagation.js';
export { QuotaClaims } from './objects/quotas/quota-claims.js';
export { quotaProblem } from './objects/quotas/quota-names.js';
export { BatchScope } from './objects/batch-scope.js';
export { namespaceProblem } from './objects/refusals.js';
export { type Rejection, type RejectionCode, isRejection, rejectionCodes } from './objects/rejection.js';
export { BoundedCache } from './objects/bounded-cache.js';
export { idempotencyKey } from './objects/idempotency.js';
export { nativeKindOf } from './objects/workload-facts.js';
export { type Waiting, type WaitingReason, WaitingBook, waitingOf } from './objects/waiting-book.js';
export { answeredRecord, createdRecord, hasDerivedStatus, refOf, updatedRecord } from './objects/records.js';
export { type StatusBasis, apiObject, createdApiObject, statusBasis, storedObjectOf } from './objects/api-object.js';
export { clusterWords } from './objects/cluster-words.js';
export { type Liveness, type NodeUsage, timestamp, versionOf } from './objects/sightings.js';
export {
  ANNOTATION_PLACEMENT,
  ANNOTATION_SCHEDULING,
  placementAnnotationProblem,
  schedulingAnnotation,
} from './objects/native/native-fields.js';
export { deploymentFromNative, deploymentToNative } from './objects/native/native-deployment.js';
export { deploymentOfReplicaSet, replicaSetsOf } from './objects/native/replica-sets.js';
export { withRevision, withoutRevision } from './objects/native/revision-annotation.js';
export { jobFromNative, jobToNative } from './objects/native/native-job.js';
export {
  ANNOTATION_SERVICE,
  SHARED_SERVICE_FIELDS,
  serviceAnnotation,
  serviceFromNative,
  serviceToNative,
} from './objects/native/native-service-face.js';
export {
  type NativeCondition,
  type NativeMetadata,
  type NativeObject,
  type NativePod,
} from './native/native-object.js';
export { canonicalJson, fingerprint } from './native/fingerprint.js';
export { ANNOTATION_IDENTITY_HASH, ANNOTATION_OBJECT_UID, FINALIZER_REPORT } from './native/native-names.js';
export { nativeDependency, nativeWorkload, toNative } from './native/to-native.js';
export { type ClusterReport, nextClusterReport, withNodeChanges, withObservation } from './capacity/node-changes.js';
export { largestPods } from './capacity/largest-pods.js';
export { outsideReferences, referenceText } from './native/outside-references.js';
export { type PodReference, type ReferenceKind, podReferences } from './resources/pod-references.js';
export { type ChangePlan, covers, isManaged, isOfWorkload, planChange } from './native/plan-change.js';
export { type Trouble, isReady, podTrouble, worstTrouble } from './native/pod-trouble.js';
export { samePods } from './native/observed-pods.js';
export {
  type NativeFacts,
  type Obstacle,
  type WorkObservation,
  isFinished,
  observeWork,
} from './native/observe-work.js';
export {
  FLEET_VERSION,
  initialFleet,
  evolveFleet,
  encodeFleet,
  decodeFleet,
  type FleetState,
  type FleetCluster,
} from './fleet/fleet.js';
export {
  type BlockedOffer,
  type DriverRun,
  type EscrowedCopy,
  type EscrowKind,
  type EscrowRecord,
  type ProvisionedCluster,
  type ProvisioningState,
  type ProvisionMachine,
  type Groundwork,
  type MachineLogin,
  type Orphan,
  type ProvisionPlan,
  hostKeyOf,
  requestedCluster,
  initialProvisioning,
} from './provisioning/state.js';
export { PROVISIONING_STATE_VERSION, evolveProvisioning, provisionOf } from './provisioning/evolve.js';
export { type Intent } from './provisioning/intents.js';
export { type Reaction, react } from './provisioning/react.js';
export { DEFAULT_PACE, type Pace } from './provisioning/failures.js';
export {
  EVERYWHERE,
  type ListedMachine,
  type OrphanDraft,
  type ReaperLimits,
  orphanChanges,
  orphanKey,
  orphansToEnd,
  type RegionList,
} from './provisioning/orphans.js';
export { counted } from './provisioning/counted.js';
export {
  type IdleMachine,
  fewestFor,
  grown,
  idleMs,
  isOnDemand,
  isScalable,
  mostAdded,
  shrunk,
  wantedNodes,
} from './provisioning/autoscale.js';
export { isFinishedPod, isOfEveryNode, isWork } from './provisioning/cluster-pods.js';
export {
  type ComingNodes,
  type Idleness,
  type Sighting,
  idlenessOf,
  type Start,
  clusterToStart,
  comingNodes,
  mayStart,
  stopDue,
  stopVerdict,
} from './provisioning/on-demand.js';
export { type MachineOf, unlistedMachines } from './provisioning/replacement.js';
export { planCluster } from './provisioning/plan.js';
export { cloudsOf, offerKey, rankOffers } from './provisioning/offers.js';
export { cidrRange, overlaps } from './provisioning/cidr.js';
export { type ProvisioningDraft, type Step, decideSteps } from './provisioning/decide-steps.js';
export { buildLogLines } from './provisioning/build-log.js';
export { decodeProvisioning, encodeProvisioning } from './provisioning/snapshot.js';
export { type ProvisionProblem, provisionProblems } from './provisioning/provision-problems.js';
export { type ProvisionFlags, provisionFromFlags } from './provisioning/provision-from-flags.js';
export { Reason } from './scheduling/reasons.js';
export { meets, type StoredRequirement } from './scheduling/placement/requirements.js';
export { PLACEMENT_RULES } from './scheduling/pipeline/placement-rules.js';
export { type SchedulingState, initialScheduling } from './scheduling/state.js';
export { SCHEDULING_STATE_VERSION, evolveScheduling } from './scheduling/evolve.js';
export { type Draft } from './scheduling/draft.js';
export { SCHEDULING_CODE } from './scheduling/decide-workload.js';
export { explainNow } from './scheduling/explain/explain-now.js';
export { type SimulatedChange, UnknownClusterError, simulate } from './scheduling/simulate/simulate.js';
export { forkScheduling } from './scheduling/fork.js';
export {
  type Mismatch,
  type RecordedDecision,
  type VerificationReport,
  Verification,
} from './scheduling/replay/verification.js';
export { CONFIGURATION_KINDS, OtherConfiguration } from './scheduling/replay/other-configuration.js';
export { type Difference } from './scheduling/replay/first-difference.js';
export { decideRound } from './scheduling/decide-round.js';
export { type Attempts, type RoundLimits, newAttempts, roundLimits } from './scheduling/round-limits.js';
export { nextDueMs } from './scheduling/queueing/next-due.js';
export {
  type WorkDraft,
  type WorkLimits,
  isWorkIssued,
  reconcileWork,
  redraftWork,
} from './scheduling/reconcile-work.js';
export { decideReleases } from './scheduling/releases.js';
export { type MoveDraft, decideMoves } from './scheduling/moving/decide-moves.js';
export { Looks } from './scheduling/moving/rebalance/balancing.js';
export { objectionTo as objectionToMoves, previewMoves } from './scheduling/moving/preview-moves.js';
export { decideHealth } from './scheduling/health.js';
export { type Heartbeats, hear, noteCheck, startListening } from './scheduling/heartbeats.js';
export { decodeScheduling, encodeScheduling } from './scheduling/snapshot.js';
export { dependencyKey, dependencyKeysOf } from './scheduling/dependencies.js';
export { type WrittenTemplate, KeptHistory } from './checkpoint/kept-history.js';
export { objectsToRead, supplyObject } from './scheduling/stored-objects.js';
export { ACCESS_VERBS, ANY, type AccessRequest, type AccessRule, type AccessVerb } from './access/access-rule.js';
export { AUTHENTICATED, type Identity, MASTERS, SERVICE_ACCOUNTS, isMaster } from './access/identity.js';
export { type AccessBinding, type AccessPolicy, type Rights, boundRules, rightsOf } from './access/policy.js';
export {
  type AccessDecision,
  type AccessTarget,
  type CollectionRequest,
  decideAccess,
  decideCollection,
  decideParts,
} from './access/decide-access.js';
export {
  type HistoryLine,
  type HistoryState,
  type HistorySubject,
  historyLine,
  initialHistory,
} from './history/history-item.js';
export { type Revision, type RevisionState, evolveRevisions, initialRevisions } from './history/revisions.js';
export {
  type AmountsUsed,
  type PeriodUsage,
  type UsageState,
  type UsageSubject,
  beginUsage,
  closePeriod,
  evolveUsage,
  usageBy,
  usageSubjects,
} from './usage/usage.js';
export {
  type Durations,
  type SchedulingTimes,
  beginSchedulingTimes,
  durations,
  evolveSchedulingTimes,
  takeWaits,
} from './waits/scheduling-times.js';
export { type SchedulingStage, StageTimes, schedulingStages } from './waits/stage-times.js';
export { rebalanceText } from './scheduling/moving/rebalance/rebalance.js';
export { describeRight, uncoveredRights } from './access/escalation.js';
export { ADMIN_ROLE, DEFAULT_ROLES, INVITER_ROLE, READER_ROLE } from './access/default-roles.js';
export {
  type FieldProblem,
  bindingProblems,
  roleProblems,
  userNameRule,
  userProblems,
} from './access/access-problems.js';
export { type LockoutRecord, afterFailure, isForgotten, lockedForMs } from './access/lockout.js';
export { type RateLimit, type RateRecord, spend } from './access/rate.js';
export {
  ACCESS_LIFE_MS,
  INVITE_LIFE_MS,
  JOIN_LIFE_MS,
  SESSION_LIFE_MS,
  accessEnd,
  isExpired as isTokenExpired,
  isOver as isTokenOver,
  withAccess,
} from './access/token-life.js';
export { type MeshState, type MeshCluster, type ServiceRecord, initialMesh, primaryOf } from './mesh/state.js';
export { type MeshPlace, MESH_STATE_VERSION, evolveMesh } from './mesh/evolve.js';
export { type LeaseTerms, type MeshWork, missingWork } from './mesh/wanted.js';
export { type GatewayInputs, gatewayConfig } from './mesh/gateway-config.js';
export {
  type CertificatePlan,
  AUTHORITY_LIFE_MS,
  CERTIFICATE_LIFE_MS,
  planCertificates,
} from './mesh/certificate-plan.js';
export { type PodLeases, QUARANTINE_MS, emptyPorts, leaseEndpoints, relet } from './mesh/leases.js';
export {
  type AskedLink,
  type ImportObject,
  type LinkSources,
  type ServiceObject,
  endpointsOf,
  linksOf,
} from './mesh/derived-kinds.js';
export { type CheckedCluster, meshFindings } from './mesh/mesh-findings.js';
export { type ExportWork, decideExport, missingExportWork } from './mesh/mcs/decide-exports.js';
export { derivedName, selectionOf } from './mesh/mcs/derived-services.js';
export { type MeshDecision, decideService } from './mesh/decide-mesh.js';
export { dropsMost, endpointsHash, readyCount, sortEndpoints } from './mesh/endpoints.js';
export {
  type DesiredService,
  type DesiredServices,
  type RemoteEndpoints,
  type ReportedService,
  decodeDesiredServices,
  encodeDesiredServices,
  evolveDesiredServices,
  initialDesiredServices,
  namespacesOfServices,
  pathText,
  serviceOf,
} from './mesh/desired.js';
export {
  type ServiceOwner,
  LABEL_SERVICE_UID,
  LABEL_SOURCE_CLUSTER,
  SLICE_MANAGER,
  isForbiddenAddress,
  nativeService,
  nativeSlices,
  virtualEndpoints,
} from './mesh/native-service.js';
export {
  type PathHealth,
  PATH_FAILURES,
  PATH_GIVEN_UP_MS,
  afterProbe,
  initialPath,
  isGivenUp,
} from './mesh/path-health.js';
export { isCidr, mergedCidrs } from './mesh/cidr.js';
export { type NodesVerdict, nodesVerdict } from './mesh/nodes-verdict.js';
export { decodeMesh, encodeMesh } from './mesh/snapshot.js';
export { type EndpointPod, podEndpoints } from './mesh/pod-endpoints.js';
export { type Ramp, DEFAULT_RAMP_SECONDS, limited, rampedQuota, spreadQuotas } from './mesh/spread.js';
export { type ServiceFlags, serviceFromFlags } from './mesh/service-from-flags.js';
export {
  LOG_START,
  type LogPosition,
  compareLogTimes,
  readLogLine,
  resumeLog,
  splitLogLine,
} from './logs/log-position.js';
export { type ContainerTimes, type InstanceOfThen, instanceOfThen } from './logs/instance-of-then.js';
export { type LogEvent, logEvents } from './events/log-events.js';
export {
  NATS_KEEPER,
  type NatsGrants,
  type NatsIdentity,
  type NatsKeyHolder,
  type NatsService,
  agentVerbs,
  natsGrants,
  natsKeyHolders,
  natsServices,
} from './nats-access/nats-rules.js';
export {
  LOG_ACCOUNT,
  SYSTEM_ACCOUNT,
  type NatsAccount,
  type NatsKeys,
  type NatsShare,
  type NatsUser,
  agentAccount,
  natsAccounts,
} from './nats-access/nats-accounts.js';
export {
  AGENTS,
  AGENT_LIFE_MS,
  AGENT_RENEW_MS,
  type AgentToken,
  type LetIn,
  agentIdentity,
  agentsLetIn,
  newAgentToken,
  renewedAgentToken,
} from './access/agent-credentials.js';
export {
  type EnrolmentStep,
  type EnrolmentView,
  type KeptState,
  REFUSED_FOR_GOOD_MS,
  enrolmentStep,
  isOfCluster,
  isRefusedForGood,
} from './access/enrolment-step.js';
export { NATS_KEEPERS, SUPERVISORS, SYSTEM_ROLES } from './access/system-roles.js';
export { type FoundKind, type FoundMetadata, type FoundObject, wordsOf } from './uninstall/found-object.js';
export {
  type Removal,
  type RemovalPlan,
  type Release,
  isNothing,
  matters,
  namespacesInQuestion,
  planRemoval,
  STAGES,
} from './uninstall/plan-removal.js';
export { liveTrace } from './objects/trace-life.js';
export {
  type AgentState,
  type ClusterObservation,
  agentFold,
  namespacesToRemove,
  traceOf,
} from './work/agent-state.js';
export { provisioningOf } from './objects/cluster-status.js';
export {
  type Announced,
  type Holder,
  type LevelVerdict,
  type LevelView,
  evolveLevel,
  featureRefusal,
  featuresOff,
  holderText,
  judgeLevel,
  liveOf,
} from './features/feature-level.js';
