# make run and make test are all that a visitor needs; .ci/run is check and test.

export PATH := $(PATH):/usr/local/go/bin

TOOL := go tool -modfile=internal/tools/go.mod
WITH_POSTGRES := go run ./internal/postgres/postgrestest/cmd/withpostgres

.PHONY: run build test check generate bench screenshots
.PHONY: check-generated check-vet check-lint check-catalogues check-vulnerabilities

run: build ## starts the portal with everything that it needs, and says where
	@.ci/install --try postgresql
	@exec bin/portal

build: ## bin/portal, one static binary
	@.ci/install go
	CGO_ENABLED=0 go build -trimpath -o bin/portal ./cmd/portal

test: ## all tests, on a PostgreSQL server of their own and in a real browser; never from a cache, which does not see the binary
	@.ci/install go postgresql chromium poppler curl php python node
	$(WITH_POSTGRES) go test -count=1 -timeout 20m ./...

check: check-generated check-vet check-lint check-catalogues check-vulnerabilities

generate: ## the Go code of the templates
	$(TOOL) templ fmt templates
	$(TOOL) templ generate -path templates

# In a copy, so that checking changes nothing.
check-generated:
	@.ci/install go
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && templ=$$(go tool -n -modfile=internal/tools/go.mod templ) && \
	cp -R templates "$$copy" && cd "$$copy" && \
	"$$templ" fmt -log-level error templates && "$$templ" generate -log-level error -path templates && \
	if ! diff -r -u "$(CURDIR)/templates" templates; then echo "make generate brings this up to date" >&2; exit 1; fi

check-vet:
	go vet ./...

# Formatting is part of it.
check-lint:
	$(TOOL) golangci-lint run

check-catalogues:
	go test ./internal/i18n

check-vulnerabilities:
	@found=$$(timeout 300 $(TOOL) govulncheck ./... 2>&1); code=$$?; case "$$code-$$found" in \
	124-* | *'fetching vulnerabilities'*) echo "govulncheck: its database is out of reach; going on without it" ;; \
	*) echo "$$found"; exit $$code ;; esac

bench: ## the ratios of speed, beside bare handlers
	@.ci/install go postgresql
	$(WITH_POSTGRES) go test -run '^$$' -bench . ./internal/bench ./internal/label ./internal/pickuppoint ./internal/i18n

screenshots: ## the README's picture
	@.ci/install go postgresql chromium
	$(WITH_POSTGRES) go run ./internal/e2e/cmd/screenshots
