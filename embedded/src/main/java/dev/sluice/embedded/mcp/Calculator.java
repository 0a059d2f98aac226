package dev.sluice.embedded.mcp;

import java.math.BigDecimal;
import java.math.MathContext;

/// Works out arithmetic expressions: `+ - * / % ^`, parentheses and a leading minus, in 34 decimal
/// digits. `^` binds tighter than a leading minus and from the right: `-2^2` is -4, `2^3^2` is 512.
final class Calculator {

    private static final MathContext PRECISION = MathContext.DECIMAL128;
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_EXPONENT = 9999;
    private static final int PLAIN_DIGITS = 40;

    private final String expression;
    private int at;

    private Calculator(String expression) {
        this.expression = expression;
    }

    /// The value of `expression`, without an exponent unless it is very large or small.
    static String evaluate(String expression) throws ToolFailure {
        if (expression.length() > MAX_LENGTH) {
            throw new ToolFailure("The expression is longer than " + MAX_LENGTH + " characters.");
        }
        Calculator calculator = new Calculator(expression);
        try {
            BigDecimal value = calculator.sum();
            if (calculator.peek() != 0) {
                throw calculator.unexpected();
            }
            BigDecimal stripped = value.stripTrailingZeros();
            boolean plain = Math.abs(stripped.precision() - stripped.scale()) <= PLAIN_DIGITS;
            return plain ? stripped.toPlainString() : stripped.toString();
        } catch (ArithmeticException _) {
            throw new ToolFailure("The result of " + expression + " is out of range.");
        }
    }

    private BigDecimal sum() throws ToolFailure {
        BigDecimal value = product();
        while (true) {
            if (take('+')) {
                value = value.add(product(), PRECISION);
            } else if (take('-')) {
                value = value.subtract(product(), PRECISION);
            } else {
                return value;
            }
        }
    }

    private BigDecimal product() throws ToolFailure {
        BigDecimal value = signed();
        while (true) {
            if (take('*') || take('×')) {
                value = value.multiply(signed(), PRECISION);
            } else if (take('/') || take('÷')) {
                value = value.divide(nonZero(signed()), PRECISION);
            } else if (take('%')) {
                value = value.remainder(nonZero(signed()), PRECISION);
            } else {
                return value;
            }
        }
    }

    private static BigDecimal nonZero(BigDecimal divisor) throws ToolFailure {
        if (divisor.signum() == 0) {
            throw new ToolFailure("Division by zero.");
        }
        return divisor;
    }

    private BigDecimal signed() throws ToolFailure {
        if (take('-')) {
            return signed().negate();
        }
        return take('+') ? signed() : power();
    }

    private BigDecimal power() throws ToolFailure {
        BigDecimal base = atom();
        return take('^') ? power(base, signed()) : base;
    }

    private static BigDecimal power(BigDecimal base, BigDecimal exponent) throws ToolFailure {
        if (exponent.abs().compareTo(BigDecimal.valueOf(MAX_EXPONENT)) > 0) {
            throw new ToolFailure("An exponent is larger than " + MAX_EXPONENT + ".");
        }
        if (exponent.stripTrailingZeros().scale() <= 0) {
            if (exponent.signum() < 0) {
                nonZero(base);
            }
            return base.pow(exponent.intValueExact(), PRECISION);
        }
        double value = Math.pow(base.doubleValue(), exponent.doubleValue());
        if (!Double.isFinite(value)) {
            throw new ToolFailure(base + "^" + exponent + " is not a real number.");
        }
        return BigDecimal.valueOf(value);
    }

    private BigDecimal atom() throws ToolFailure {
        if (take('(')) {
            BigDecimal value = sum();
            if (!take(')')) {
                throw unexpected();
            }
            return value;
        }
        peek();
        int start = at;
        while (at < expression.length() && isPartOfNumber(expression.charAt(at))) {
            at++;
        }
        try {
            return new BigDecimal(expression.substring(start, at));
        } catch (NumberFormatException _) {
            at = start;
            throw unexpected();
        }
    }

    private static boolean isPartOfNumber(char c) {
        return (c >= '0' && c <= '9') || c == '.';
    }

    private boolean take(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    /// The next character that is no space, 0 at the end.
    private char peek() {
        while (at < expression.length() && Character.isWhitespace(expression.charAt(at))) {
            at++;
        }
        return at < expression.length() ? expression.charAt(at) : 0;
    }

    private ToolFailure unexpected() {
        return new ToolFailure(
                peek() == 0
                        ? "The expression ends too early."
                        : "Unexpected '" + peek() + "' at character " + (at + 1) + ".");
    }
}
