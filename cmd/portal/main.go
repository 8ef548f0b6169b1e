// Command portal is the whole portal: the server, and the operator's commands.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"omapostipro/internal/config"
)

// gcPercent lets the heap grow to five times what is in use before it is collected: pages make much garbage and keep
// nothing, and what is in use is a few megabytes.
const gcPercent = 400

func main() {
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// What a process ends with, as exitCodes tells it.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2 // the arguments, or what they give, are not right
	exitNotFound = 3 // what is named does not exist
	exitRefused  = 4 // what is there does not allow it
)

// exitCodes is said by portal help, and after every command's own help.
const exitCodes = `Exit codes: 0 when all is done, also if nothing had to be; 1 when something failed; 2 when the arguments, or the file, are
not right; 3 when what is named does not exist; 4 when what is there does not allow it.
`

// printHelp is what --help answers.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprint(ctx.Stdout, "\n"+exitCodes)
	return err
}

// commands are the ways in which portal can be called; without one it serves.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"1" help:"Serve the portal until a signal to stop. The default."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date, and make its roles."`
	Seed        seedCommand        `cmd:"" help:"Fill in what is missing of the demo data (demo set-ups only)."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the portal that runs here whether it is ready; for images without a shell."`
	Keyset      keysetCommand      `cmd:"" help:"The keyset that API keys are encrypted with."`

	Organization organizationCommand `cmd:"" help:"Organisations: create, list, show."`
	Contract     contractCommand     `cmd:"" help:"Contract numbers: add, end."`
	User         userCommand         `cmd:"" help:"People: create, set-password."`
	Key          keyCommand          `cmd:"" help:"API keys: create, list, revoke."`
	Mail         mailCommand         `cmd:"" help:"Mail: list."`
	Apply        applyCommand        `cmd:"" help:"Make an organisation what a file says."`

	Help helpCommand `cmd:"" help:"Say what can be set, with defaults."`
}

// process is what a command needs of the process that it runs in.
type process struct {
	ctx    context.Context
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// run is the program: it gives the code to exit with. Errors are for the operator, a line each.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("portal"), kong.Description("A self-hosted replica of a postal carrier's business portal, for testing."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }), kong.Help(printHelp))
	if err != nil {
		panic(err) // the structure above is at fault
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help was answered
	}
	if err != nil {
		fmt.Fprintln(stderr, "portal:", err)
		return exitUsage
	}
	err = command.Run(&process{ctx: ctx, getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr})
	if err != nil {
		for line := range strings.SplitSeq(words(err), "\n") { // several errors may have been joined
			if commands := strings.TrimLeft(line, " \t") != line; commands { // indented, to be copied as they are
				fmt.Fprintln(stderr, line)
			} else {
				fmt.Fprintln(stderr, "portal:", line)
			}
		}
		return exitCode(err)
	}
	return exitOK
}

// helpCommand lists the environment's variables.
type helpCommand struct{}

func (helpCommand) Run(p *process) error {
	_, err := fmt.Fprintf(p.stdout, `portal serves a replica of OmaPosti Pro, a postal carrier's business portal, and its API.

  portal                 serve until SIGTERM (the default; also: portal serve)
  portal migrate         bring the database's schema up to date
  portal seed            fill in what is missing of the demo data
  portal healthcheck     ask the portal that runs here whether it is ready
  portal keyset create   print a new keyset, for PORTAL_KEYSET or PORTAL_KEYSET_FILE
  portal keyset rotate   add a key to the keyset file and encrypt all API keys with it

  portal organization create | list | show
  portal contract add | end
  portal user create | set-password
  portal key create | list | revoke
  portal mail list [--failed]
  portal apply -f organization.yaml [--dry-run]

  portal COMMAND --help  more of one command

All but serve say what they changed, or give it as JSON with --json, and work beside a portal that runs; keyset rotate alone
wants it stopped.

%s
It is set by the environment. What is not set has a default; with none set at all it runs a PostgreSQL server of its own,
with the demo data in it.

%s`, exitCodes, config.Help())
	return err
}
