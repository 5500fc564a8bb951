// Beginning and end of a fiber; the switch between is in the header. The first function on the
// stack catches all, because there is no frame above it. The resumer cleans up, because a fiber
// cannot give back the stack it stands on.
#include "core/fiber/fiber.h"

#include <utility>

namespace wavetank {

namespace fcontext = boost::context::detail;

struct Fiber::Entry {
    // `from.data` is the fiber, `from.fctx` the resumer. There is nothing to return to.
    [[noreturn]] static void enter(fcontext::transfer_t from) noexcept {
        Fiber* const fiber = static_cast<Fiber*>(from.data);
        fiber->annotations_.after_resume();
        fiber->resumer_context_ = from.fctx;
        fiber->run_body();
    }
};

Fiber::Fiber(StackPool& pool, Body body)
    : stack_(pool.acquire()), pool_(pool), body_(std::move(body)) {
    CHECK(body_ != nullptr);
    context_ = fcontext::make_fcontext(stack_.top(), stack_.size, &Entry::enter);
}

Fiber::~Fiber() {
    CHECK(state_ != State::Running);
    if (state_ == State::Suspended) unwind();
    if (state_ == State::Fresh) give_back_stack();
}

// On the fiber's stack. No exception may leave it: there is no frame above that could catch one.
void Fiber::run_body() {
    try {
        body_();
    } catch (const FiberUnwound&) {
        CHECK(unwinding_);
    } catch (...) {
        failure_ = std::current_exception();
    }
    state_ = State::Finished;
    annotations_.before_end();
    fcontext::jump_fcontext(resumer_context_, nullptr);
    std::terminate();  // Not reached: nobody resumes a finished fiber.
}

// On the resumer's stack, once the body has ended.
void Fiber::finish() {
    give_back_stack();
    // What the body holds may own this fiber, so nothing of `this` is used once it goes.
    const Body body = std::move(body_);
    std::exception_ptr failure = std::exchange(failure_, nullptr);
    if (failure != nullptr) std::rethrow_exception(std::move(failure));
}

void Fiber::unwind() {
    unwinding_ = true;
    switch_in();
    CHECK(state_ == State::Finished);
    CHECK(failure_ == nullptr);
    give_back_stack();
}

void Fiber::throw_unwound() {
    throw FiberUnwound();
}

void Fiber::give_back_stack() {
    annotations_.close();
    pool_.release(stack_);
}

}  // namespace wavetank
