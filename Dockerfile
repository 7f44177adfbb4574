# The server as one binary, on nothing but the C library: no shell, no package manager, no model, no credential.
#   docker buildx build --platform linux/amd64,linux/arm64 --tag savings .
# Both architectures are built on the builder's own: Bun compiles for the other, so nothing is emulated.

FROM --platform=$BUILDPLATFORM docker.io/oven/bun:1.4.5 AS build
WORKDIR /build
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY tsconfig.json ./
COPY public public
COPY src src
COPY tools/package-records.ts tools/package-records.ts
ARG TARGETARCH=amd64
RUN case "$TARGETARCH" in \
      amd64) target=bun-linux-x64 ;; \
      arm64) target=bun-linux-arm64 ;; \
      *) echo "savings is built for amd64 and arm64, not for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && bun run build --target="$target"

# The image: the binary, folders for models and uploads, and what the binary links to. Records come along, so that scanners see what
# there is: the distribution and the C library's package, and the packages that are compiled in. (Builders take the target platform by themselves, but for older buildahs.)
FROM --platform=$TARGETPLATFORM gcr.io/distroless/base-nossl-debian12:nonroot AS libraries
FROM build AS image
COPY --from=libraries / /libraries
RUN mkdir /image \
    && install -D dist/savings /image/savings \
    && install -d -o 65532 -g 65532 /image/models /image/spill \
    && bun tools/package-records.ts dist/metafile.json /image/usr/share/savings \
    && cd /libraries \
    && find . \( -name 'ld-linux*.so.*' -o -name libc.so.6 -o -name libm.so.6 -o -name libpthread.so.0 \
         -o -name libdl.so.2 -o -path './var/lib/dpkg/status.d/libc6*' \
         -o -path ./usr/lib/os-release -o -path ./etc/os-release -o -path ./etc/debian_version \) -print0 \
       | tar --create --null --files-from=- | tar --extract --directory=/image

FROM scratch
COPY --from=image /image /
# HOME: there is no passwd file, and the AWS SDK looks for its settings under a home.
ENV HOME=/ MODEL_DIR=/models UPLOAD_SPILL_DIR=/spill
USER 65532:65532
EXPOSE 8080 9464
ENTRYPOINT ["/savings"]
CMD ["serve"]
ARG REVISION=unknown
ARG SOURCE=
ENV GIT_SHA=$REVISION
LABEL org.opencontainers.image.title="savings" \
      org.opencontainers.image.description="Predicts how much a household could save each month" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.revision="$REVISION"
