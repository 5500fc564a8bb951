// The schema, and how the values go in and out.
#include "bench/throughput/result_file.h"

#include <fmt/format.h>

#include <filesystem>

namespace wavetank::bench {
namespace {

constexpr int64_t kApplicationId = 0x57544254;
constexpr int64_t kForm = 1;

constexpr const char* kSchema = R"(
CREATE TABLE session(started TEXT NOT NULL) STRICT;
CREATE TABLE condition(place INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE reference(table_title TEXT NOT NULL, system TEXT NOT NULL, messages INTEGER NOT NULL,
    payload_bytes INTEGER NOT NULL, figure TEXT NOT NULL) STRICT;
CREATE TABLE bar(against TEXT NOT NULL, concurrency INTEGER NOT NULL,
    percent_min INTEGER NOT NULL) STRICT;
CREATE TABLE sample(place INTEGER PRIMARY KEY, table_title TEXT NOT NULL, system TEXT NOT NULL,
    servers INTEGER NOT NULL, messages INTEGER NOT NULL, payload_bytes INTEGER NOT NULL,
    concurrency INTEGER NOT NULL, repeat INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
    failed INTEGER NOT NULL, elapsed_ns INTEGER NOT NULL, p50_ns INTEGER NOT NULL,
    p99_ns INTEGER NOT NULL, p999_ns INTEGER NOT NULL, max_ns INTEGER NOT NULL, syncs INTEGER,
    commits INTEGER, server_cpu_ns INTEGER, client_cpu_ns INTEGER NOT NULL,
    memory_peak_bytes INTEGER, problem TEXT NOT NULL) STRICT;
)";

constexpr const char* kColumns =
    "table_title, system, servers, messages, payload_bytes, concurrency, repeat, acknowledged, "
    "failed, elapsed_ns, p50_ns, p99_ns, p999_ns, max_ns, syncs, commits, server_cpu_ns, "
    "client_cpu_ns, memory_peak_bytes, problem";

// Binds one value after the other.
class Binder {
 public:
    explicit Binder(Statement& statement) : statement_(statement) {}
    Binder& operator<<(const std::string& text) {
        statement_.bind(place_++, text);
        return *this;
    }
    Binder& operator<<(uint64_t number) {
        statement_.bind(place_++, static_cast<int64_t>(number));
        return *this;
    }
    Binder& operator<<(Duration span) {
        statement_.bind(place_++, span.nanos);
        return *this;
    }
    template <class Value>
    Binder& operator<<(const std::optional<Value>& value) {
        if (value) return *this << *value;
        statement_.bind_nothing(place_++);
        return *this;
    }

 private:
    Statement& statement_;
    int place_ = 0;
};

std::optional<Error> finish(Statement& statement) {
    const Result<bool> done = statement.step();
    statement.reset();
    if (!done.ok()) return Error{"cannot write results: " + done.error().message};
    return std::nullopt;
}

// Prepares `sql`, and runs it once for each of `values`, bound by `bind`.
template <class Values, class Bind>
std::optional<Error> insert_all(Database& database, const std::string& sql, const Values& values,
                                const Bind& bind) {
    Result<Statement> statement = database.prepare(sql);
    if (!statement.ok()) return statement.error();
    for (const auto& value : values) {
        bind(Binder(statement.value()), value);
        if (auto error = finish(statement.value())) return error;
    }
    return std::nullopt;
}

std::optional<Error> write_head(Database& database, const ThroughputSession& session) {
    const std::string head =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; BEGIN; {}",
                    kApplicationId, kForm, kSchema);
    if (auto error = database.run(head)) return error;
    auto error =
        insert_all(database, "INSERT INTO session VALUES (?)", std::vector{session.started},
                   [](Binder binder, const std::string& started) { binder << started; });
    if (error) return error;
    error =
        insert_all(database, "INSERT INTO condition(name, text) VALUES (?, ?)", session.conditions,
                   [](Binder binder, const auto& each) { binder << each.first << each.second; });
    if (error) return error;
    error = insert_all(database, "INSERT INTO reference VALUES (?, ?, ?, ?, ?)", session.references,
                       [](Binder binder, const ThroughputReference& each) {
                           binder << each.table << each.system << each.messages
                                  << each.payload_bytes << each.figure;
                       });
    if (error) return error;
    error = insert_all(database, "INSERT INTO bar VALUES (?, ?, ?)", session.bars,
                       [](Binder binder, const ThroughputBar& each) {
                           binder << each.against << uint64_t{each.concurrency} << each.percent_min;
                       });
    if (error) return error;
    return database.run("COMMIT");
}

// Runs `sql`, and hands every row to `take`.
template <class Take>
std::optional<Error> read_all(Database& database, const std::string& sql, const Take& take) {
    Result<Statement> statement = database.prepare(sql);
    if (!statement.ok()) return statement.error();
    for (;;) {
        const Result<bool> row = statement.value().step();
        if (!row.ok()) return row.error();
        if (!row.value()) return statement.value().mistake();
        take(statement.value());
    }
}

Duration span_of(uint64_t nanos) {
    return nanoseconds(static_cast<int64_t>(nanos));
}

ThroughputSample read_sample(Statement& row) {
    ThroughputSample sample{.system = row.text(1)};
    sample.cell = {.table = row.text(0),
                   .servers = static_cast<uint32_t>(row.number(2)),
                   .messages = row.number(3),
                   .payload_bytes = row.number(4),
                   .concurrency = static_cast<uint32_t>(row.number(5))};
    sample.repeat = static_cast<uint32_t>(row.number(6));
    sample.messages = row.number(7);
    sample.failed = row.number(8);
    sample.elapsed = span_of(row.number(9));
    sample.p50 = span_of(row.number(10));
    sample.p99 = span_of(row.number(11));
    sample.p999 = span_of(row.number(12));
    sample.max = span_of(row.number(13));
    sample.syncs = row.optional_number(14);
    sample.commits = row.optional_number(15);
    if (const auto cpu = row.optional_number(16)) sample.server_cpu = span_of(*cpu);
    sample.client_cpu = span_of(row.number(17));
    sample.memory_peak_bytes = row.optional_number(18);
    sample.problem = row.text(19);
    return sample;
}

std::optional<Error> read_session(Database& database, ThroughputSession* session) {
    auto error = read_all(database, "SELECT started FROM session",
                          [&](Statement& row) { session->started = row.text(0); });
    if (error) return error;
    error = read_all(
        database, "SELECT name, text FROM condition ORDER BY place",
        [&](Statement& row) { session->conditions.emplace_back(row.text(0), row.text(1)); });
    if (error) return error;
    error = read_all(database,
                     "SELECT table_title, system, messages, payload_bytes, figure FROM reference "
                     "ORDER BY rowid",
                     [&](Statement& row) {
                         session->references.push_back({.table = row.text(0),
                                                        .system = row.text(1),
                                                        .messages = row.number(2),
                                                        .payload_bytes = row.number(3),
                                                        .figure = row.text(4)});
                     });
    if (error) return error;
    error =
        read_all(database, "SELECT against, concurrency, percent_min FROM bar ORDER BY rowid",
                 [&](Statement& row) {
                     session->bars.push_back({.against = row.text(0),
                                              .concurrency = static_cast<uint32_t>(row.number(1)),
                                              .percent_min = row.number(2)});
                 });
    if (error) return error;
    return read_all(database, fmt::format("SELECT {} FROM sample ORDER BY place", kColumns),
                    [&](Statement& row) { session->samples.push_back(read_sample(row)); });
}

// Nothing if the file is one of ours and of a form we know.
std::optional<Error> check_form(Database& database) {
    uint64_t application = 0, form = 0;
    auto error = read_all(database, "PRAGMA application_id",
                          [&](Statement& row) { application = row.number(0); });
    if (error) return error;
    if (application != kApplicationId) return Error{"it is not a file of 'wavetank bench'"};
    error =
        read_all(database, "PRAGMA user_version", [&](Statement& row) { form = row.number(0); });
    if (error) return error;
    if (form == kForm) return std::nullopt;
    return Error{
        fmt::format("its form is {}, this program reads form {}; use the wavetank that "
                    "wrote it",
                    form, kForm)};
}

}  // namespace

Result<ResultFile> ResultFile::create(const std::string& path, const ThroughputSession& session) {
    if (std::filesystem::exists(path)) {
        return Error{fmt::format("'{}' exists already; give the results another name", path)};
    }
    Result<Database> database = Database::open(path, Database::Mode::Create);
    if (!database.ok()) return database.error();
    if (auto error = write_head(database.value(), session)) return *error;
    Result<Statement> insert = database.value().prepare(
        fmt::format("INSERT INTO sample({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                    "?, ?, ?, ?, ?)",
                    kColumns));
    if (!insert.ok()) return insert.error();
    ResultFile file(std::move(database.value()), std::move(insert.value()));
    for (const ThroughputSample& sample : session.samples) {
        if (auto error = file.add(sample)) return *error;
    }
    return file;
}

std::optional<Error> ResultFile::add(const ThroughputSample& sample) {
    const ThroughputCell& cell = sample.cell;
    Binder(insert_) << cell.table << sample.system << uint64_t{cell.servers} << cell.messages
                    << cell.payload_bytes << uint64_t{cell.concurrency} << uint64_t{sample.repeat}
                    << sample.messages << sample.failed << sample.elapsed << sample.p50
                    << sample.p99 << sample.p999 << sample.max << sample.syncs << sample.commits
                    << sample.server_cpu << sample.client_cpu << sample.memory_peak_bytes
                    << sample.problem;
    return finish(insert_);
}

Result<ThroughputSession> read_result_file(const std::string& path) {
    if (!std::filesystem::exists(path)) return Error{fmt::format("there is no file '{}'", path)};
    Result<Database> database = Database::open(path, Database::Mode::Read);
    if (!database.ok()) return database.error();
    ThroughputSession session;
    auto error = check_form(database.value());
    if (!error) error = read_session(database.value(), &session);
    if (error) return Error{fmt::format("cannot read '{}': {}", path, error->message)};
    return session;
}

}  // namespace wavetank::bench
