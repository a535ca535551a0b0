# Turns the step of `make demo` that misspells an event name into what a terminal shows of it, for `make picture`.
/^4\./ { on = 1 }
/^5\./ { on = 0 }
on && /^  \$ / {
	sub(/ -detailed-exitcode/, "")
	print substr($0, 3) "\n"
}
on && /^  \|/ {
	sub(/^  \| ?/, "")
	text = text "\n\033[31m│\033[0m " $0
}
END {
	if (text !~ /Error: Unknown event name/) exit 1
	sub(/Error:/, "\033[1;31mError:\033[0m", text)
	gsub(/\["[^\n]*/, "\033[4m&\033[0m", text)
	print "\033[31m╷\033[0m" text "\n\033[31m╵\033[0m"
}
