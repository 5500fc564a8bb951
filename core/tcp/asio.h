// Boost.Asio as it is used here: callbacks, and one io_context that belongs to one thread. Version
// 1.74 uses std::exchange without including <utility>, so that comes first. Asio costs two seconds
// of compilation a file: only what really talks to sockets includes this.
#pragma once

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wavetank {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace wavetank
