/** Sums of a connection's records that should agree: a sentence, and the two sides as bars. */
import type { Check, ChecksView } from "../../shared/wire";
import { AmountTable, RowBar } from "../charts/parts";
import { Icon, Skeleton, Theirs, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { money } from "../words/money";
import { counted, dataTypeInText, fill, words } from "../words/speech";

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
      <h3 id={`checks-${connectionId}`}>{words.checks.title}</h3>
      {!data && (trouble ? <TroubleNotice trouble={trouble} onAgain={again} /> : <Skeleton lines={3} label={words.checks.adding} />)}
      {data && (
        <p className={differing.length > 0 ? "check-sentence check-differs" : "check-sentence"}>
          <Icon name={differing.length > 0 ? "failed" : shown ? "done" : "waiting"} />
          <span>{sentence(checks, platformName)}</span>
        </p>
      )}
      {shown && <Sides check={shown} />}
      {data && (
        <details className="behind">
          <summary>{words.checks.every}</summary>
          <ul className="check-list">
            {checks.map((check) => (
              <li key={check.id} className={`check-${check.result}`}>
                <span className="dataset-name">
                  <Result check={check} />
                </span>
                <span className="dataset-detail">
                  <Theirs>{check.reason}</Theirs>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** Our word for the result, beside the platform's own name of the check. */
function Result({ check: { name, result } }: { check: Check }) {
  const [before, after] = fill(words.checks.result, { result: words.checks[result] }).split("{check}");
  return (
    <>
      {before}
      <Theirs>{name}</Theirs>
      {after}
    </>
  );
}

function sentence(checks: Check[], platform: string): string {
  const of = (result: Check["result"]) => checks.filter((check) => check.result === result);
  const [differing, agreeing, open] = [of("differs"), of("agrees"), of("open")];
  const [worst] = differing;
  const rest = open.length > 0 ? [counted(open.length, words.checks.more)] : [];
  if (worst) {
    const [side] = worst.sides;
    const amount = worst.difference === null ? "" : money(worst.difference.replace("-", ""), side?.currency ?? "");
    const { record } = worst;
    return [
      counted(differing.length, words.checks.differing, { platform }),
      fill(amount ? words.checks.apartBy : words.checks.apart, { check: worst.name, amount }),
      ...(record ? [fill(words.checks.look, { type: dataTypeInText(record.dataType), name: record.name })] : []),
      ...rest,
    ].join(" ");
  }
  if (agreeing.length === 0) return fill(words.checks.nothing, { platform });
  return [counted(agreeing.length, words.checks.agreeing, { platform }), ...rest].join(" ");
}

function Sides({ check }: { check: Check }) {
  return (
    <AmountTable
      caption={<Theirs>{check.name}</Theirs>}
      head={[words.checks.side, words.charts.amount]}
      rows={check.sides.map(({ label, amount, currency, permille }, i) => ({
        key: label,
        label: (
          <>
            <Theirs>{label}</Theirs>
            <RowBar permille={permille} className={check.result === "differs" && i === 1 ? "bar-differs" : "bar-in"} />
          </>
        ),
        amount: amount === null ? words.checks.notKnown : money(amount, currency),
      }))}
    />
  );
}
