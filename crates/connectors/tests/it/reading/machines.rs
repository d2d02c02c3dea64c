//! Mistakes in the folder of a platform that calls, each reported at the line that it stands on.

use super::places::{loaded, refused};

/// A platform that calls.
const MACHINE: &str = r#"key = "test"
name = "A machine"
source_type = "Accounting"
integration_id = "0f20c943-12d0-4800-9f6c-d218f62d494c"
source_id = "8a156a5a-39cb-4f9d-856e-76ef9b9a9607"

[machine]
envelope = "<?xml version=\"1.0\"?><Rqs>${request}</Rqs>"
answer = "Rs.*"
status = "@code"
good = ["0"]
message = "@message"
lists = ["Row"]
setup = "setup.xml"
setup_name = "moorline.xml"
service = "service.xml"
program = "Desk"
program_url = "https://vendor.example/desk"

[[machine.faults]]
codes = ["0x8A"]
means = "obstructed"
reason = "A window is open."
[[machine.faults]]
codes = ["0x9B"]
means = "refused"
reason = "It was not understood."

[identity]
body = { xml = "<CompanyRq/>" }
lookup.host = { path = "/", body = { xml = "<HostRq></HostRq>" }, may_be_refused = true }
map = "identity.jq"

[[data]]
type = "customers"
method = "POST"
body = { xml = "<RowRq ${cursor}><Max>${size}</Max>${since}</RowRq>" }
plainer = [{ body = { xml = "<PlainRq ${cursor}/>" } }]
paging = { style = "iterator", size = 2, first = 'walk="Start"', then = 'walk="${id}"', next = "@walk", remaining = "@left" }
since = { text = "<From>${time}</From>", otherwise = "<All/>", format = "local_time" }
items = "Row"
map = "rows.jq"
"#;

#[test]
fn a_machines_folder_that_cannot_work_is_refused() {
    loaded(MACHINE).unwrap();
    for (old, new, words) in [
        (
            "<Max>${size}</Max>${since}</RowRq>",
            "<Max>${size}${since}</RowRq>",
            "data.customers.body.xml: the request is not well-formed XML, at byte",
        ),
        (
            "\"<CompanyRq/>\"",
            "\"<!DOCTYPE a><CompanyRq/>\"",
            "identity.body.xml: it has a document type, which is not read",
        ),
        (
            "<HostRq></HostRq>",
            "<HostRq></Host>",
            "identity.lookup.host.body.xml: the request is not well-formed",
        ),
        (
            "<PlainRq ${cursor}/>",
            "<PlainRq ${cursor}>",
            "data.customers.plainer.0.body.xml",
        ),
        (
            "<From>${time}</From>",
            "<From>${time}</Till>",
            "data.customers.since.text",
        ),
        ("\"<All/>\"", "\"<All>\"", "data.customers.since.otherwise"),
        (
            "first = 'walk=\"Start\"'",
            "first = 'walk=Start'",
            "data.customers.paging.first: the request is not well-formed",
        ),
        (
            "then = 'walk=\"${id}\"'",
            "then = 'walk=\"on\"'",
            "the walk goes on by its name: put ${id} where that stands",
        ),
        (
            "then = 'walk=\"${id}\"'",
            "then = 'walk=\"${idd}\"'",
            "it knows ${id} alone",
        ),
        (
            "codes = [\"0x9B\"]",
            "codes = [\"0x9B\", \"0x8a\"]",
            "the code `0x8a` has a meaning already",
        ),
        (
            "program_url = \"https://",
            "program_url = \"htps://",
            "machine.program_url: `htps://vendor.example/desk` is not an http or https URL",
        ),
        (
            "<Rqs>${request}</Rqs>",
            "<Rqs>${request}</Rq>",
            "machine.envelope: it is not well-formed XML",
        ),
        (
            "[identity]\n",
            "[api]\nbase_url = \"https://api.example.com\"\n\n[identity]\n",
            "a machine that calls is never reached",
        ),
        (
            "[identity]\n",
            "[auth]\nkind = \"oauth2\"\nauthorize_url = \"https://a.example/a\"\ntoken_url = \"https://a.example/t\"\nclient_authentication = \"none\"\n\n[identity]\n",
            "leave [auth] out",
        ),
    ] {
        let at = if new.contains("base_url") {
            "base_url"
        } else {
            new.lines().next().unwrap()
        };
        refused(MACHINE, &[(old, new)], at, words);
    }
    // Codes of answers are others than those of the program.
    let lost = "codes = [\"0x8A\"]\nmeans = \"lost\"\nreason = \"The list is read anew.\"\n[[machine.faults]]\ncodes = [\"0x9B\"]";
    loaded(&MACHINE.replacen("codes = [\"0x9B\"]", lost, 1)).unwrap();
}
