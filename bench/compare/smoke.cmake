# Runs PROGRAM over PLAN in an empty FOLDER: every system must have measured something.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${PROGRAM} --plan ${PLAN} --data ${FOLDER} --out ${FOLDER}/smoke.sqlite
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE progress)
message("${progress}${output}")
string(REGEX MATCHALL "messages/s, p99" measured "${progress}")
list(LENGTH measured count)
if(NOT result EQUAL 0 OR count LESS 3)
    message(FATAL_ERROR "exit code ${result}, ${count} measurements")
endif()
