// Uses the client of openapi-generator: creates a user, reads the result, and reads the error.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.ActionsWithAccountsApi;
import org.openapitools.client.model.Account;
import org.openapitools.client.model.CreateUserInput;
import org.openapitools.client.model.Problem;

public final class Use {
  public static void main(String[] arguments) throws Exception {
    String key = System.getenv("KEY");
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("URL"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
    ActionsWithAccountsApi accounts = new ActionsWithAccountsApi(client);
    CreateUserInput input = new CreateUserInput()
        .serviceId(System.getenv("SKU"))
        .displayName("Allen Allbrook")
        .mailNickname(System.getenv("NICKNAME"))
        .password("Any-passw0rd")
        .usageLocation("AM");
    Account account = accounts.createUser(input, null, null);
    Map<String, Object> printed = new LinkedHashMap<>();
    printed.put("created", account.getUserPrincipalName());
    printed.put("licenses", account.getAssignedLicenses().size());
    try {
      accounts.createUser(input, null, null);
    } catch (ApiException raised) {
      ObjectMapper mapper = ApiClient.createDefaultObjectMapper();
      Problem problem = mapper.readValue(raised.getResponseBody(), Problem.class);
      printed.put("status", raised.getCode());
      printed.put("kind", problem.getError().getKind().getValue());
    }
    System.out.println(new ObjectMapper().writeValueAsString(printed));
  }
}
