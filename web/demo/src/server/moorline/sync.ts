/** The progress of a merchant's data, by connection and data type. */
import type { DataStatus, PullOperation } from "@codat/platform/sdk/models/shared/index.js";
import { DataTypes } from "@codat/platform/sdk/models/shared/index.js";
import type { ConnectionView, DatasetPhase, DatasetView, SyncView } from "../../shared/wire";
import type { Connections } from "./connections";
import type { MerchantRecord } from "../merchants";
import type { Moorline } from "./client";
import { Failure, fromClient, invalid } from "../problem";

type Status = DataStatus["currentStatus"];

const PHASES: Record<Status, DatasetPhase> = {
  Initial: "waiting",
  Queued: "waiting",
  Fetching: "running",
  MapQueued: "running",
  Mapping: "running",
  ValidationQueued: "running",
  Validating: "running",
  ProcessingQueued: "running",
  Processing: "running",
  Complete: "done",
  NotSupported: "unavailable",
  FetchError: "failed",
  MapError: "failed",
  InternalError: "failed",
  ProcessingError: "failed",
  ValidationError: "failed",
  AuthError: "failed",
  Cancelled: "failed",
  RateLimitError: "failed",
  PermissionsError: "failed",
  PrerequisiteNotMet: "failed",
};

const HISTORY = 500;

/** The source of a data type by its prefix: `banking-`, `commerce-`, or none for accounting. */
const sourceTypeOf = (dataType: string) =>
  dataType.startsWith("banking-") ? "Banking" : dataType.startsWith("commerce-") ? "Commerce" : "Accounting";

export const dataStatusOf = async (moorline: Moorline, companyId: string): Promise<DataStatus[]> => {
  try {
    const statuses = await moorline.platform.refreshData.get({ companyId });
    // Types that were never requested have no sync.
    return Object.values(statuses).filter((status): status is DataStatus => status?.latestSyncId !== undefined);
  } catch (error) {
    throw fromClient(error);
  }
};

export class Sync {
  readonly #moorline: Moorline;
  readonly #connections: Connections;

  constructor(moorline: Moorline, connections: Connections) {
    this.#moorline = moorline;
    this.#connections = connections;
  }

  async view(merchant: MerchantRecord): Promise<SyncView> {
    const [connections, statuses, operations] = await Promise.all([
      this.#connections.shown(merchant),
      dataStatusOf(this.#moorline, merchant.companyId),
      this.#operations(merchant.companyId),
    ]);
    const shown = connections
      .filter(({ status }) => status !== "PendingAuth")
      .map((connection) => ({ ...connection, datasets: datasetsOf(connection, connections, statuses, operations) }));
    const settled = shown.every(({ datasets }) => datasets.every(({ phase }) => phase !== "waiting" && phase !== "running"));
    return { connections: shown, settled };
  }

  /** Refreshes one data type, or all of them. */
  async refresh({ companyId }: MerchantRecord, only: { dataType: string; connectionId: string } | undefined): Promise<void> {
    const { refreshData } = this.#moorline.platform;
    try {
      if (!only) {
        await refreshData.all({ companyId });
        return;
      }
      const dataType = Object.values(DataTypes).find((known) => known === only.dataType);
      if (!dataType) throw invalid("noSuchData");
      await refreshData.byDataType({ companyId, dataType, connectionId: only.connectionId });
    } catch (error) {
      const failure = fromClient(error);
      if (failure.problem.error !== "refused") throw failure;
      throw new Failure(409, { ...failure.problem, key: "busy" }, { cause: error });
    }
  }

  /** The newest pull of each data type of each connection, by `connectionId dataType`. */
  async #operations(companyId: string): Promise<Map<string, PullOperation>> {
    let results: PullOperation[];
    try {
      const answer = await this.#moorline.platform.refreshData.listPullOperations({
        companyId,
        pageSize: HISTORY,
        orderBy: "-requested",
      });
      results = answer.results ?? [];
    } catch (error) {
      throw fromClient(error);
    }
    const newest = new Map<string, PullOperation>();
    for (const operation of results) {
      const key = `${operation.connectionId} ${operation.dataType}`;
      const known = newest.get(key);
      if (!known || operation.requested > known.requested) newest.set(key, operation);
    }
    return newest;
  }
}

function datasetsOf(
  connection: ConnectionView,
  all: ConnectionView[],
  statuses: DataStatus[],
  operations: Map<string, PullOperation>,
): DatasetView[] {
  // The data status is the company's; the pull history separates several connections of one type.
  const only = all.filter(({ sourceType, status }) => sourceType === connection.sourceType && status !== "PendingAuth").length === 1;
  return statuses.flatMap((status) => {
    if (sourceTypeOf(status.dataType) !== connection.sourceType) return [];
    const operation = operations.get(`${connection.id} ${status.dataType}`);
    if (!operation && !only) return [];
    const now: Status = operation && (!only || operation.id === status.latestSyncId) ? operation.status : status.currentStatus;
    const phase = PHASES[now];
    return [
      {
        dataType: status.dataType,
        phase,
        status: now,
        progress: phase === "done" ? 100 : Math.max(0, Math.min(100, operation?.progress ?? 0)),
        detail: operation?.errorMessage ?? operation?.statusDescription ?? null,
        lastSuccess: status.lastSuccessfulSync ?? null,
      },
    ];
  });
}
