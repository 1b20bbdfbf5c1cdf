# Marmot's server and marmot-connect in one small image.
#   docker build -t marmot .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build

FROM debian:bookworm-slim
RUN useradd --system --home /var/lib/marmot --create-home marmot
COPY --from=build /src/bin/marmot /src/bin/marmot-connect /usr/local/bin/
USER marmot
WORKDIR /var/lib/marmot
VOLUME /var/lib/marmot
EXPOSE 3306 8080 9092
ENTRYPOINT ["marmot"]
CMD ["server"]
