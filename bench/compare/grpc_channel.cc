// nghttp2 knows HTTP/2 and no sockets: bytes are carried to it and from it here.
#include "bench/compare/grpc_channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "core/base/check.h"

namespace wavetank::bench {
namespace {

constexpr std::size_t kPrefixBytes = 5;
// Answers are small; windows this large never make the server wait.
constexpr int32_t kWindowBytes = 1 << 24;

std::string framed(const std::string& message) {
    std::string out(1, '\0');
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(message.size() >> shift));
    }
    return out + message;
}

nghttp2_nv header(std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Result<std::string> unframed(const std::string& body) {
    if (body.size() < kPrefixBytes) return Error{"the answer of a call is too short"};
    return body.substr(kPrefixBytes);
}

}  // namespace

Result<std::unique_ptr<GrpcChannel>> GrpcChannel::connect(uint16_t port) {
    Result<Socket> socket = Socket::connect(port);
    if (!socket.ok()) return socket.error();
    return std::unique_ptr<GrpcChannel>(new GrpcChannel(std::move(socket.value()), port));
}

GrpcChannel::GrpcChannel(Socket socket, uint16_t port)
    : socket_(std::move(socket)), authority_(fmt::format("127.0.0.1:{}", port)) {
    open_session();
}

GrpcChannel::~GrpcChannel() {
    nghttp2_session_del(session_);
}

void GrpcChannel::open_session() {
    nghttp2_session_callbacks* callbacks = nullptr;
    CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    CHECK(nghttp2_session_client_new(&session_, callbacks, this) == 0);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes};
    CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1) == 0);
    CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindowBytes) == 0);
}

void GrpcChannel::call(const std::string& path, const std::string& message, OnReply on_reply) {
    const std::array headers = {header(":method", "POST"),
                                header(":scheme", "http"),
                                header(":path", path),
                                header(":authority", authority_),
                                header("content-type", "application/grpc"),
                                header("te", "trailers")};
    auto call = std::make_unique<Call>();
    call->body = framed(message);
    call->on_reply = std::move(on_reply);
    nghttp2_data_provider provider{};
    provider.source.ptr = call.get();
    provider.read_callback = read_body;
    const int32_t stream = nghttp2_submit_request(session_, nullptr, headers.data(), headers.size(),
                                                  &provider, nullptr);
    CHECK(stream > 0);  // it fails for want of memory or stream numbers only
    calls_[stream] = std::move(call);
}

std::optional<Error> GrpcChannel::flush() {
    outbox_.clear();
    for (;;) {
        const uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
        if (size < 0) return Error{nghttp2_strerror(static_cast<int>(size))};
        if (size == 0) break;
        outbox_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    return socket_.send(outbox_);
}

std::optional<Error> GrpcChannel::turn() {
    if (auto error = flush()) return error;
    std::array<char, 65'536> buffer{};
    const Result<std::size_t> received = socket_.receive(buffer);
    if (!received.ok()) return received.error();
    if (received.value() == 0) return Error{"the server closed the connection"};
    const ssize_t used = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const uint8_t*>(buffer.data()), received.value());
    if (used < 0) return Error{nghttp2_strerror(static_cast<int>(used))};
    return std::nullopt;
}

void GrpcChannel::finish(Call call, uint32_t http_error) {
    if (http_error != NGHTTP2_NO_ERROR) {
        call.on_reply(Error{fmt::format("HTTP/2: {}", nghttp2_http2_strerror(http_error))});
    } else if (call.status != "0") {
        call.on_reply(Error{fmt::format("gRPC status {}: {}", call.status, call.message)});
    } else {
        call.on_reply(unframed(call.reply));
    }
}

// --- Called by nghttp2 ---

ssize_t GrpcChannel::read_body(nghttp2_session*, int32_t, uint8_t* buffer, std::size_t size,
                               uint32_t* flags, nghttp2_data_source* source, void*) {
    Call& call = *static_cast<Call*>(source->ptr);
    const std::size_t part = std::min(size, call.body.size() - call.sent);
    std::memcpy(buffer, call.body.data() + call.sent, part);
    call.sent += part;
    if (call.sent == call.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(part);
}

int GrpcChannel::on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                           std::size_t name_size, const uint8_t* value, std::size_t value_size,
                           uint8_t, void* channel) {
    auto& calls = static_cast<GrpcChannel*>(channel)->calls_;
    const auto found = calls.find(frame->hd.stream_id);
    if (found == calls.end()) return 0;
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (key == "grpc-status") found->second->status = text;
    if (key == "grpc-message") found->second->message = text;
    return 0;
}

int GrpcChannel::on_data(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* data,
                         std::size_t size, void* channel) {
    auto& calls = static_cast<GrpcChannel*>(channel)->calls_;
    const auto found = calls.find(stream);
    if (found == calls.end()) return 0;
    found->second->reply.append(reinterpret_cast<const char*>(data), size);
    return 0;
}

int GrpcChannel::on_close(nghttp2_session*, int32_t stream, uint32_t http_error, void* channel) {
    auto& calls = static_cast<GrpcChannel*>(channel)->calls_;
    const auto found = calls.find(stream);
    if (found == calls.end()) return 0;
    Call call = std::move(*found->second);
    calls.erase(found);
    finish(std::move(call), http_error);
    return 0;
}

}  // namespace wavetank::bench
