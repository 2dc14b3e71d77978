// A routing slip from draft to z.d.A. by a client that openapi-typescript made; what is not typed is not compiled.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Slip = components["schemas"]["RoutingSlipChanged"];
type State = components["schemas"]["RoutingSlipState"];
type Answer<T> = { data?: T; error?: components["schemas"]["Problem"] };

declare const process: { argv: string[] };
const [base, mueller, schmidt, weber] = process.argv.slice(2) as [string, string, string, string];

const open = (token: string) =>
  createClient<paths>({ baseUrl: base, headers: { authorization: `Bearer ${token}` } });
const change = () => ({ header: { "Idempotency-Key": crypto.randomUUID() } });

function get<T>(answer: Answer<T>): T {
  if (answer.data === undefined) throw new Error(`${answer.error?.title}: ${answer.error?.detail}`);
  return answer.data;
}

const owner = open(mueller);
const record = get(
  await owner.POST("/records", { params: change(), body: { title: "Förderantrag Windpark", file_plan_code: "43.21" } }),
);
const withCase = get(
  await owner.POST("/records/{id}/actions/add_case", {
    params: { ...change(), path: { id: record.id } },
    body: { title: "Bewilligung" },
  }),
);
const draft = get(
  await owner.POST("/routing-slips", {
    params: change(),
    body: {
      title: "Bescheid", record: record.id, case: withCase.cases[0]?.id ?? null,
      stations: [
        { kind: "co_sign", actor: "schmidt" }, { kind: "final_sign", actor: "weber" },
        { kind: "close", actor: "mueller" },
      ],
    },
  }),
);

const states: State[] = [draft.state];
const act = () => ({ params: { ...change(), path: { id: draft.id } } });
const steps: (() => Promise<Answer<Slip>>)[] = [
  () => owner.POST("/routing-slips/{id}/actions/start", act()),
  () => open(schmidt).POST("/routing-slips/{id}/actions/sign", act()),
  () => open(weber).POST("/routing-slips/{id}/actions/sign", act()),
  () => owner.POST("/routing-slips/{id}/actions/close", act()),
];
for (const step of steps) states.push(get(await step()).state);

const refused = await owner.POST("/routing-slips/{id}/actions/start", act());
const filed = get(await owner.GET("/routing-slips", { params: { query: { state: ["filed"] } } }));
console.log(
  JSON.stringify({
    states,
    refused: [refused.error?.status, refused.error?.state],
    filed: filed.items.filter((row) => row.id === draft.id).length,
  }),
);
