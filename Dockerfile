FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w' -o /image/portal ./cmd/portal
# What a new volume for the keyset starts as: its owner's only.
RUN mkdir -m 0700 /image/keyset && chown 65532:65532 /image/keyset

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /image/ /
USER 65532:65532
ENV PORTAL_LISTEN=0.0.0.0:8080 \
    PORTAL_KEYSET_FILE=/keyset/keyset.json
VOLUME /keyset
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/portal", "healthcheck"]
ENTRYPOINT ["/portal"]
