package javax.annotation;

/** The annotation of generated code, which Java had before version 11. */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
