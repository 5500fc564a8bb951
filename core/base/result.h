// Result<T>: a value, or an Error that says what was tried, with which values, and what to do. For
// expected failures that the caller answers; a broken invariant of our own is a CHECK instead.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace wavetank {

struct Error {
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : held_(std::move(value)) {}      // NOLINT: conversion is the point.
    Result(Error error) : held_(std::move(error)) {}  // NOLINT

    bool ok() const { return std::holds_alternative<T>(held_); }
    // Requires ok().
    T& value() {
        CHECK(ok());
        return std::get<T>(held_);
    }
    const T& value() const {
        CHECK(ok());
        return std::get<T>(held_);
    }
    // Requires !ok().
    const Error& error() const {
        CHECK(!ok());
        return std::get<Error>(held_);
    }

 private:
    std::variant<T, Error> held_;
};

}  // namespace wavetank
