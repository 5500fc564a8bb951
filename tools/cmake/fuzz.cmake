# wavetank_fuzz(wire_fuzz_frame frame_fuzz.cc corpus/frame LIBS lib... [BYTES_MAX 4096]): a libFuzzer
# program and its test of a minute (label slow; tools/fuzz runs them). What it finds on the way is kept
# below the build folder, so that the next run goes on from there; the corpus in the source is what it
# begins with.
add_custom_target(fuzzers)
function(wavetank_fuzz target source corpus)
    cmake_parse_arguments(ARG "" "BYTES_MAX" "LIBS" ${ARGN})
    if(NOT ARG_BYTES_MAX)
        set(ARG_BYTES_MAX 4096)
    endif()
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE ${ARG_LIBS})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${target})
    file(MAKE_DIRECTORY ${found})
    add_test(NAME ${target}
        COMMAND ${target} -max_total_time=60 -max_len=${ARG_BYTES_MAX} -timeout=10
                -rss_limit_mb=2048 -print_final_stats=1
                -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/${target}_
                ${found} ${CMAKE_CURRENT_SOURCE_DIR}/${corpus})
    set_tests_properties(${target} PROPERTIES LABELS slow TIMEOUT 300)
    add_dependencies(fuzzers ${target})
endfunction()
