# Language, warnings, sanitizers and the libraries every layer may ask for.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O2, not -O3: g++ 12 gives false -Wrestrict warnings at -O3. Assertions (CHECK) are on in every build.
set(WAVETANK_OPTIMIZE "-O2 -g1" CACHE STRING "Flags of the Release build type")
set(CMAKE_CXX_FLAGS_RELEASE "${WAVETANK_OPTIMIZE}")

set(WAVETANK_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread")

option(WAVETANK_FUZZ "Build the libFuzzer programs (needs clang++)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS context program_options)
find_package(Protobuf REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(fmt REQUIRED)
find_package(pugixml REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

add_library(wavetank_options INTERFACE)
target_include_directories(wavetank_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(wavetank_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Werror
    -Wno-missing-field-initializers  # designated initializers leave out what has a default
    -ffp-contract=off -fno-omit-frame-pointer)
if(WAVETANK_SANITIZE)
    # g++ 12 warns falsely of uninitialized variants and std::functions in instrumented code.
    target_compile_options(wavetank_options INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    add_compile_options(-fsanitize=${WAVETANK_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${WAVETANK_SANITIZE})
    # What they do not see: an empty optional that is read, an index past the end of a vector within
    # its capacity. The library's own checks do.
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
    if(WAVETANK_SANITIZE MATCHES thread)
        # ThreadSanitizer knows no fences. Asio's stand beside mutexes, which it knows.
        add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
endif()
if(WAVETANK_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "WAVETANK_FUZZ needs clang++: use the preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()
