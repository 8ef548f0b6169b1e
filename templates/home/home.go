package home

import (
	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
	"omapostipro/templates/paths"
)

// step is one line of the checklist.
type step struct {
	done   bool
	title  string
	text   string
	action string // what the link to it says
	url    string
}

func (c Checklist) steps(p *i18n.Printer, organization, reader string) []step {
	try := ""
	if c.LastKey != "" {
		try = paths.Key(organization, c.LastKey) + "#curl"
	}
	return []step{
		{c.Right, p.T("home.right"), p.T("home.right_text"), p.T("home.right_action"), paths.Permissions(organization, reader)},
		{c.Contract, p.T("home.contract"), p.T("home.contract_text"), p.T("home.contract_action"), paths.ContractNumbers(organization, reader)},
		{c.Key, p.T("home.key"), p.T("home.key_text"), p.T("home.key_action"), paths.NewKey(organization)},
		{c.Order, p.T("home.order"), p.T("home.order_text"), p.T("home.order_action"), try},
	}
}

// next is the first step that is not done; len(steps) when all are.
func next(steps []step) int {
	for i, step := range steps {
		if !step.done {
			return i
		}
	}
	return len(steps)
}

func allDone(steps []step) bool { return next(steps) == len(steps) }

func doneCount(steps []step) int {
	n := 0
	for _, step := range steps {
		if step.done {
			n++
		}
	}
	return n
}

func currentStep(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "step"}
	}
	return nil
}
