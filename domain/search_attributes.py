"""What operators search cases by in the Temporal UI: name and type, as a server registers them."""

ALL = {
    "CaseStage": "Keyword",
    "CaseWaitingFor": "Keyword",
    "CaseOrder": "Keyword",
    "CaseStorefront": "Keyword",
    "CaseDueAt": "Datetime",
    "CaseAmount": "Int",
}
