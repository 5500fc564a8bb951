// Fiber: a function with a stack of its own that can stop in the middle and go on later. Code that
// blocks (SQLite inside xSync, a client waiting for a reply) runs on one; whoever resumes it (the
// simulator's event loop, or Boost.Asio) decides when "later" is, so that waiting costs virtual
// time in one world and real time in the other, and the code cannot tell.
//
// Stackful and asymmetric: resume() goes in, suspend() goes back to the one who resumed. A switch
// is a jump_fcontext (registers only, no system call) and allocates nothing. There is no scheduler
// here. A fiber, its pool and all that resume it belong to one thread. The switch is inlined
// because a function that returns on another stack than it was called on is mispredicted by the
// processor: 16 ns instead of 5.
#pragma once

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>

#include "core/base/check.h"
#include "core/fiber/sanitizer.h"
#include "core/fiber/stack_pool.h"

namespace wavetank {

// Thrown by suspend() inside a fiber that is being destroyed, so that the destructors of its frames
// run. It is not a std::exception. Every body must let it pass: no `catch (...)` without rethrow,
// and no `noexcept` function, destructor or C frame between the body and a suspend().
class FiberUnwound {
 private:
    friend class Fiber;
    FiberUnwound() = default;
};

class Fiber {
 public:
    using Body = std::function<void()>;

    // Takes a stack from `pool`, which must outlive the fiber. Nothing of `body` runs before the
    // first resume(). Requires a body.
    Fiber(StackPool& pool, Body body);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    // A suspended fiber is unwound first: it runs once more, out of its suspend() by FiberUnwound,
    // and must end without suspending again and without any other exception. Requires: not running.
    ~Fiber();

    // Runs the body from where it stopped until it suspends or ends. May be called inside another
    // fiber, which stands still meanwhile. When the body ends its stack goes back to the pool and
    // the body is destroyed; an exception that left the body is rethrown here, once. Requires: not
    // running (nor waiting inside resume() of another fiber), not finished.
    [[gnu::always_inline]] void resume();

    // The body has returned or thrown.
    bool finished() const { return state_ == State::Finished; }

    // The fiber this code runs in; null outside any.
    static Fiber* current() { return running_; }

    // Goes back to whoever resumed the current fiber, and returns when it is resumed again.
    // Suspends. Throws FiberUnwound if the fiber is destroyed instead. Requires: current() !=
    // nullptr, and that fiber is not being unwound.
    [[gnu::always_inline]] static void suspend();

 private:
    enum class State : uint8_t { Fresh, Suspended, Running, Finished };

    // The C++ runtime keeps per thread which exceptions are being handled and how many are in
    // flight (abi::__cxa_eh_globals). Fibers of one thread would mix them up: `throw;` in one would
    // rethrow what another is handling. So each fiber has its own, exchanged with the thread's at a
    // switch.
    struct ExceptionState {
        void* handled = nullptr;
        uint64_t in_flight = 0;
        void exchange_with(void* thread_state);
    };

    struct Entry;  // The first function on a fiber's stack, in the shape that Boost.Context wants.

    bool resumable() const { return state_ == State::Fresh || state_ == State::Suspended; }
    [[gnu::always_inline]] void switch_in();
    [[noreturn]] void run_body();
    void finish();
    void unwind();
    [[noreturn]] static void throw_unwound();
    void give_back_stack();

    // The one that runs; those that wait inside their resume() are below it. Null outside any.
    static inline constinit thread_local Fiber* running_ = nullptr;

    // While not running: where to go on. While running: whatever it was before.
    void* context_;
    // While running: where the resumer goes on.
    void* resumer_context_ = nullptr;
    // While running the resumer's, otherwise the fiber's own.
    ExceptionState exceptions_;
    State state_ = State::Fresh;
    // The destructor has begun to unwind: suspend() throws now and is not allowed any more.
    bool unwinding_ = false;
    [[no_unique_address]] sanitizer::SwitchAnnotations annotations_;

    Stack stack_;  // ours until Finished
    StackPool& pool_;
    Body body_;
    // What left the body, between its end and the rethrow out of resume().
    std::exception_ptr failure_;
};

// The hot path. jump_fcontext(to, data) saves the registers on the current stack, goes to `to`, and
// returns, when somebody jumps back, with a handle for going there again. What else a switch needs
// is done by the resumer, before and after, so that suspend() has next to nothing to do.

inline void Fiber::ExceptionState::exchange_with(void* thread_state) {
    // The Itanium C++ ABI, 2.2.2: a pointer and an unsigned int, 16 bytes with padding.
    static_assert(sizeof(ExceptionState) == 16);
    ExceptionState theirs;
    std::memcpy(&theirs, thread_state, sizeof theirs);
    std::memcpy(thread_state, this, sizeof theirs);
    *this = theirs;
}

// Runs the fiber until it jumps back here, which is on the same thread and the same stack.
inline void Fiber::switch_in() {
    Fiber* const resumer = running_;
    void* const thread_exceptions = abi::__cxa_get_globals();
    running_ = this;
    state_ = State::Running;
    exceptions_.exchange_with(thread_exceptions);
    annotations_.before_resume(stack_);
    context_ = boost::context::detail::jump_fcontext(context_, this).fctx;
    annotations_.after_suspend_or_end();
    exceptions_.exchange_with(thread_exceptions);
    running_ = resumer;
}

inline void Fiber::resume() {
    CHECK(resumable());
    switch_in();
    if (state_ == State::Finished) [[unlikely]]
        finish();
}

inline void Fiber::suspend() {
    Fiber* const fiber = running_;
    CHECK(fiber != nullptr);
    CHECK(!fiber->unwinding_);
    fiber->state_ = State::Suspended;
    fiber->annotations_.before_suspend();
    const auto from = boost::context::detail::jump_fcontext(fiber->resumer_context_, nullptr);
    fiber->annotations_.after_resume();
    fiber->resumer_context_ = from.fctx;
    if (fiber->unwinding_) [[unlikely]]
        throw_unwound();
}

}  // namespace wavetank
