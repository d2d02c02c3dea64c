/** Sums of a connection's records that should agree: a sentence, and the two sides as bars. */
import type { Check, ChecksView } from "../../shared/wire";
import { AmountTable, RowBar } from "../charts/parts";
import { count, money } from "../money";
import { Icon, Skeleton, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { dataTypeName } from "../words";

interface ChecksProps {
  connectionId: string;
  platformName: string;
  /** Changes when data arrives, after which the checks are read anew. */
  version: string;
}

export function Checks({ connectionId, platformName, version }: ChecksProps) {
  const { data, trouble, again } = useReading<ChecksView>(`/api/checks/${connectionId}?for=${encodeURIComponent(version)}`);
  const checks = data?.checks ?? [];
  if (data && checks.length === 0) return null;
  const differing = checks.filter(({ result }) => result === "differs");
  const shown = differing[0] ?? checks.find(({ result }) => result === "agrees");
  return (
    <section className="checks" aria-labelledby={`checks-${connectionId}`}>
      <h3 id={`checks-${connectionId}`}>Does it add up?</h3>
      {!data && (trouble ? <TroubleNotice trouble={trouble} onAgain={again} /> : <Skeleton lines={3} label="Adding it up" />)}
      {data && (
        <p className={differing.length > 0 ? "check-sentence check-differs" : "check-sentence"}>
          <Icon name={differing.length > 0 ? "failed" : shown ? "done" : "waiting"} />
          <span>{sentence(checks, platformName)}</span>
        </p>
      )}
      {shown && <Sides check={shown} />}
      {data && (
        <details className="behind">
          <summary>Show every check</summary>
          <ul className="check-list">
            {checks.map((check) => (
              <li key={check.id} className={`check-${check.result}`}>
                <span className="dataset-name">
                  {check.name}: {WORDS[check.result]}
                </span>
                <span className="dataset-detail">{check.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const WORDS = { agrees: "agrees", differs: "differs", open: "can’t be told" } as const;

function sentence(checks: Check[], platformName: string): string {
  const of = (result: Check["result"]) => checks.filter((check) => check.result === result);
  const [differing, agreeing, open] = [of("differs"), of("agrees"), of("open")];
  const [worst] = differing;
  const rest = open.length > 0 ? ` ${count(open.length, "more check")} can’t be told from the data that is here.` : "";
  if (worst) {
    const [side] = worst.sides;
    const by = worst.difference === null ? "" : ` by ${money(worst.difference.replace("-", ""), side?.currency ?? "")}`;
    const record = worst.record ? ` Look at ${dataTypeName(worst.record.dataType).toLowerCase()} ${worst.record.name} first.` : "";
    return `${count(differing.length, "of the checks", "of the checks")} on ${platformName} differ${differing.length === 1 ? "s" : ""}. ${worst.name}: the two sides are apart${by}.${record}${rest}`;
  }
  if (agreeing.length === 0) return `Nothing can be compared yet: what ${platformName} sent doesn’t say enough.`;
  return `Yes. ${count(agreeing.length, "sum")} of ${platformName}’s data ${agreeing.length === 1 ? "agrees" : "agree"} with the others, to the cent.${rest}`;
}

function Sides({ check }: { check: Check }) {
  return (
    <AmountTable
      caption={check.name}
      head={["Side", "Amount"]}
      rows={check.sides.map(({ label, amount, currency, permille }, i) => ({
        key: label,
        label: (
          <>
            {label}
            <RowBar permille={permille} className={check.result === "differs" && i === 1 ? "bar-differs" : "bar-in"} />
          </>
        ),
        amount: amount === null ? "Not known" : money(amount, currency),
      }))}
    />
  );
}
